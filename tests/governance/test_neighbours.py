"""What is said at the stairwell names nobody: the patterns, with what they must leave alone."""

import pytest

from reports.neighbours import names_a_neighbour, refuse_neighbours
from units.refusals import Refusal

NEIGHBOURS = """
302室漏水
三〇二室漏水
3楼张阿姨总吵
张阿姨总是占楼道
老王把车停在门口
小李家的狗叫
302那户天天打麻将
12-302的人
12#302
1号楼302有人吵架
楼上302邻居
３０２室
3 0 2 室漏水
三楼的阿姨
3楼东边那户
五楼左户
姓陈的男人
他名叫张建国，天天吵
302家装修
王某乱扔垃圾
沈建华先生乱停车
402的老人
1212弄302
十二楼西首人家
王 阿 姨太吵
"""
MATTERS = """
楼道灯坏了三天
我们楼120户只有一部电梯
2026年的电费为什么涨了
请保安师傅晚上多巡逻
三楼灯坏了
3楼到4楼之间扶手松了
五楼楼道堆了旧沙发
办公室几点开门
想找人帮忙买菜，腿脚不便
活动室可以开晚一点吗
对门口的树修一下
老先生老太太多，希望装扶手
小马路边停满了
我的小孙子在这里摔倒
老高老高的树挡光
花了300块
电工师傅什么时候来
安装师傅什么时候来
小区里的老师傅修车摊
小黄车乱停
一室一厅漏水怎么办
1202弄门口积水
12号楼门禁坏了
楼上晚上很吵
想请医生来量血压
物业叫张贴的通知看不清
有300户人家要求加装电梯
家政阿姨、保洁阿姨没来
门卫师傅
"""


@pytest.mark.parametrize("words", NEIGHBOURS.strip().splitlines())
def test_a_neighbour_is_seen(words):
    assert names_a_neighbour(words)


@pytest.mark.parametrize("words", MATTERS.strip().splitlines())
def test_the_matter_itself_is_let_through(words):
    refuse_neighbours(words, field="words")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("302室漏水", "names_a_neighbour"),
        ("沪A12345占了消防通道", "car_plate"),
        ("沪AD12345占了消防通道", "car_plate"),
        ("打我手机13812345678", "mobile_number"),
        ("身份证310104194903070029", "identity_number"),
    ],
)
def test_each_is_refused_beside_its_field_in_words(words, code):
    with pytest.raises(Refusal) as refused:
        refuse_neighbours(words, field="words")
    assert refused.value.code == code
    assert str(refused.value.fields["words"])
