"""The journal, to be read in words."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from units.admin.base import Page, ReadOnly, pairs
from units.models import JournalEntry

# Every verb written with `journal.note`; a test holds this complete.
VERBS = {
    "demo.seeded": _("写入演示数据"),
    "device.bound": _("绑定手机"),
    "device.guessed": _("口令错5次，手机解除绑定"),
    "device.revoked": _("停用设备"),
    "invitation.made": _("打印登录卡"),
    "obligation.excused": _("免报"),
    "place.renamed": _("单元改名"),
    "post.appointed": _("任命"),
    "post.changed": _("修改任职"),
    "post.ended": _("结束任期"),
    "second_step.made": _("设定两步验证"),
    "second_step.recovered": _("用备用码登录"),
    "second_step.reset": _("重设两步验证"),
    "tree.mended": _("修复单元树"),
}
KEYS = {
    "community": _("居民区序号"),
    "device": _("设备序号"),
    "left": _("还剩"),
    "now": _("新名称"),
    "obligation": _("应报事项序号"),
    "people": _("账号序号"),
    "person": _("账号序号"),
    "place": _("单元序号"),
    "post": _("任职序号"),
    "reason": _("理由"),
    "rows": _("行数"),
    "was": _("原名称"),
    "weeks": _("周数"),
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
