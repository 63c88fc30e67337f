"""What must not be said about neighbours: names, doors, car plates. Only the matter is wanted.

Patterns, not a proof: 「张建国天天吵」 has no mark of a name that a rule could see. What gets
through is read by the committee, and by the group only when the speaker chose so.
"""

import re

from django.utils.translation import gettext as _

from reports import free_text
from units.refusals import Refusal

# Surnames before a title. Left out: what is a word on its own (和, 时, 成, 向, 全, 对方的方).
_SURNAME = (
    "赵钱孙李周吴郑王冯陈褚蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏章云苏潘葛范彭郎"
    "鲁韦马苗凤花俞任袁柳史唐费薛雷贺倪汤滕殷罗毕郝邬康伍余卜顾孟黄穆萧尹姚邵汪祁毛狄臧戴宋庞熊"
    "纪舒屈祝董梁杜阮蓝闵季贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房干解丁宣邓郁杭洪"
    "包诸左石崔吉龚程邢裴陆荣翁荀惠甄曲封储靳段巫乌焦巴牧山谷车侯宓蓬郗班仰秋仲伊宫宁仇栾甘厉祖"
    "武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲邰鄂索赖卓屠蒙池乔曾翟谭姬申扶堵冉桑桂牛寿尚温庄晏柴瞿"
    "阎慕连习艾容古易慎戈廖庾终暨居衡步都耿满匡国文寇广禄阙东欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那"
    "简饶沙养鞠丰巢关查游权盖益桓公肖闫涂付代岳帅亢况"
)
# Of those, what ends an everyday word before a title: 电工师傅, 司机师傅 and 居民老师 are nobody.
_WORDS_BEFORE = "工农华东山牧公师司国文广都居车房万干连终满越利益权盖代关山秋古尚易习养那"
_STRICT = "".join(each for each in dict.fromkeys(_SURNAME) if each not in _WORDS_BEFORE)
_TITLE = (
    "阿姨|叔叔|阿叔|阿伯|伯伯|爷叔|爷爷|阿公|奶奶|阿婆|外婆|师傅|先生|女士|小姐|太太|老师|大妈|大爷|大姐"
    "|大哥|大叔|老伯|老太|老头|医生|某"
)
# 小张, 老王: without those that make other words (小马路, 老高, 小黄车, 小白菜, 小金库, 小区).
_CLOSE = (
    "赵钱李周吴郑王冯陈蒋沈韩杨朱秦许吕施张曹严魏陶姜戚谢邹潘葛彭鲁韦俞袁唐薛倪汤罗顾孟姚邵汪戴宋董"
    "梁杜徐邱郭蔡丁邓龚程陆刘曾谭廖侯乔肖阎孙何林胡"
)
_NUMERAL = "一二三四五六七八九十百零〇两"
_FLOOR = rf"(?:[0-9]{{1,2}}|[{_NUMERAL}]{{1,3}})(?:楼|层)"
_AT_HOME = "这户|那户|这家|那家|人家|住户|邻居|业主|房东|房客|租客|租户"

_DOOR = re.compile(
    rf"[0-9]{{2,4}}室|(?<![0-9])[0-9]{{3,4}}(?:房(?!间)|门(?![口禁卫])|的?(?:{_AT_HOME})"
    rf"|家(?![都具庭长人])|的?(?:{_TITLE})|(?:的|里)(?=[人男女老小孩狗猫]))"
    rf"|[{_NUMERAL}]{{2,6}}室|(?<![0-9])[0-9]{{1,3}}[-–—#][0-9]{{3,4}}(?![0-9])"
    rf"|(?:楼|单元|层)[0-9]{{3,4}}(?![0-9户人个位年月块元米])|[0-9]{{1,4}}[号弄][0-9]{{3,4}}(?![0-9])"
    rf"|{_FLOOR}(?:的|那个|那位|上的|上)?(?:{_TITLE})"
    rf"|{_FLOOR}(?:的|上)?[东西南北中左右](?:边|面|侧|首|手)?(?:的|那|这)?(?:{_AT_HOME}|户|家|室)"
)
_NAME = re.compile(
    rf"[{_STRICT}](?:{_TITLE})|[{_STRICT}][\u4e00-\u9fff]{{1,2}}(?:先生|女士|小姐)"
    rf"|[老小](?:[{_CLOSE}])(?![子女儿孙同树业])"
    rf"|姓[{_SURNAME}]的|(?:名叫|名字叫|名字是)[{_STRICT}][\u4e00-\u9fff]{{1,2}}(?=[,，。的、]|$)"
)
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    "[A-Za-z][·.\\s]?[A-Za-z0-9]{4,6}"
)


def names_a_neighbour(words: str) -> bool:
    """Whether a name with a title or somebody's door can be seen in `words`."""
    plain = re.sub(r"\s", "", free_text.normalise(words))
    return bool(_DOOR.search(plain) or _NAME.search(plain))


def refuse_neighbours(words: str, *, field: str) -> None:
    """Raises Refusal `names_a_neighbour`, `car_plate`, and those of private numbers."""
    free_text.refuse_private_numbers(words, field=field)
    if names_a_neighbour(words):
        message = _("请不要写别人的姓名和门牌，只说事情")
        raise Refusal("names_a_neighbour", message, fields={field: message})
    if _PLATE.search(free_text.normalise(words)):
        message = _("请不要写车牌号，只说事情")
        raise Refusal("car_plate", message, fields={field: message})
