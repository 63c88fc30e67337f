"""The journal, to be read in words."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from units.admin.base import Page, ReadOnly, pairs
from units.models import JournalEntry

# Every verb written with `journal.note`; a test holds this complete.
VERBS = {
    "admission.agreed": _("同意加问一项"),
    "admission.ended": _("停用加问的一项"),
    "admission.proposed": _("提出加问一项"),
    "admission.refused": _("不同意加问一项"),
    "admission.withdrawn": _("撤回加问的提议"),
    "census.dropped": _("不要一张底册"),
    "census.handed_in": _("交来一张底册"),
    "census.imported": _("导入底册"),
    "census.undone": _("撤销导入底册"),
    "demo.seeded": _("写入演示数据"),
    "device.bound": _("绑定手机"),
    "device.guessed": _("口令错5次，手机解除绑定"),
    "device.revoked": _("停用设备"),
    "branches.changed": _("调整党支部"),
    "calendar.day_declared": _("设节假日或调休"),
    "calendar.day_removed": _("删节假日或调休"),
    "calendar.rhythm": _("改报告周期"),
    "obligation.excuse_ended": _("取消免报"),
    "export.downloaded": _("下载导出的文件"),
    "export.ordered": _("导出"),
    "doorplates.issued": _("制作楼道码"),
    "doorplate.revoked": _("停用楼道码"),
    "invitation.made": _("打印登录卡"),
    "obligation.excused": _("免报"),
    "obligation.unlocked": _("归档后重新打开"),
    "obligation.waived": _("不再催"),
    "obligation.waiver_ended": _("恢复催报"),
    "place.renamed": _("单元改名"),
    "post.appointed": _("任命"),
    "post.changed": _("修改任职"),
    "post.ended": _("结束任期"),
    "secretary.appointed": _("任命党支部书记"),
    "secretary.undone": _("撤销任命党支部书记"),
    "second_step.made": _("设定两步验证"),
    "second_step.recovered": _("用备用码登录"),
    "second_step.reset": _("重设两步验证"),
    "shape.added": _("新建单元"),
    "shape.closed": _("注销单元"),
    "shape.merged": _("合并单元"),
    "shape.moved": _("移动单元"),
    "shape.renamed": _("单元改名"),
    "shape.replaced": _("住户换楼层"),
    "shape.undone": _("撤销对单元的调整"),
    "tree.mended": _("修复单元树"),
    "workbook.filled": _("填上级表格"),
    "workbook.removed": _("删除上级表格"),
    "workbook.replaced": _("换上新的空表"),
    "workbook.uploaded": _("上传上级表格"),
    "voice.accepted": _("受理居民反映"),
    "voice.closed": _("办结居民反映"),
    "voice.released": _("撤销受理"),
    "voice.reopened": _("撤销办结"),
    "profile.described": _("登记楼组的房屋情况"),
    "profile.alike": _("几个楼组填成一样"),
    "facility.added": _("登记设施"),
    "facility.corrected": _("修改设施"),
    "facility.inspected": _("检查设施"),
    "facility.removed": _("撤除设施"),
    "parking.counted": _("登记停车需求"),
    "defect.confirmed": _("确认设施情况"),
    "defect.set_aside": _("报来的设施情况不作处理"),
    "defect.undone": _("撤销对设施情况的决定"),
}
KEYS = {
    "day": _("日期"),
    "faulty": _("有错的行"),
    "form": _("报告表"),
    "from": _("从哪天起"),
    "name": _("名称"),
    "rhythm": _("周期"),
    "works": _("上班"),
    "added": _("新建的单元"),
    "admission": _("准入序号"),
    "absent": _("表里没有的户"),
    "census_import": _("导入编号"),
    "changed": _("改了数字"),
    "community": _("居民区序号"),
    "device": _("设备序号"),
    "ends_on": _("到期日"),
    "division": _("行政区划代码"),
    "export": _("导出编号"),
    "kind": _("种类"),
    "doorplate": _("楼道码序号"),
    "doorplates": _("楼道码序号"),
    "left": _("还剩"),
    "new": _("新增住户"),
    "now": _("新名称"),
    "obligation": _("应报事项序号"),
    "people": _("账号序号"),
    "person": _("账号序号"),
    "place": _("单元序号"),
    "places": _("单元数"),
    "posts": _("结束的任职"),
    "step": _("步骤编号"),
    "to": _("到哪个单元"),
    "undoes": _("撤销哪一条"),
    "period": _("报告期"),
    "planted": _("新建的单元"),
    "post": _("任职序号"),
    "purpose": _("用途"),
    "reason": _("理由"),
    "repeated": _("重复的行"),
    "rows": _("行数"),
    "same": _("和以前一样"),
    "stayed": _("留下的单元"),
    "voice": _("居民反映序号"),
    "voices": _("居民反映序号"),
    "was": _("原名称"),
    "weeks": _("周数"),
    "workbook": _("上级表格序号"),
    "facility": _("设施序号"),
    "reports": _("报告序号"),
}


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnly, Page):
    list_display = ("at", "user", "what", "details")
    list_filter = (("at", admin.DateFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__full_name", "user__login")
    fields = ("at", "user", "what", "details")

    def title_of(self, entry: JournalEntry) -> str:
        return self.what(entry)

    @admin.display(description=_("做了什么"))
    def what(self, entry: JournalEntry) -> str:
        return str(VERBS.get(entry.verb, entry.verb))

    @admin.display(description=_("细节"))
    def details(self, entry: JournalEntry) -> str:
        return pairs((KEYS.get(key, key), value) for key, value in entry.data.items())
