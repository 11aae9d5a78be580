"""Words that shops' systems use for our columns and values, in Chinese and English. The first fits
best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": (
        "会员编号", "会员号", "会员ID", "会员编码", "客户编号", "客户号", "编号", "原系统编号",
        "member id", "member number", "member no", "customer id", "customer number", "id",
    ),
    "phone": (
        "手机号", "手机号码", "会员手机号", "手机", "联系电话", "电话号码", "电话", "联系方式",
        "phone number", "mobile", "mobile number", "mobile phone", "telephone", "tel", "cell phone",
    ),
    "email": ("邮箱", "电子邮箱", "邮箱地址", "电子邮件", "e-mail", "email address", "mail"),
    "card": ("会员卡号", "卡号", "会员卡", "实体卡号", "card number", "card no", "member card"),
    "wechat": ("openid", "微信openid", "微信", "wechat openid", "wechat id"),
    "name": (
        "姓名", "会员姓名", "会员名称", "客户姓名", "名字", "昵称",
        "full name", "member name", "customer name", "customer",
    ),
    "birthday": ("生日", "会员生日", "出生日期", "birth date", "birthdate", "date of birth", "dob"),
    "store": (
        "门店", "门店编号", "门店编码", "所属门店", "开卡门店", "注册门店", "门店名称", "店铺",
        "store code", "shop", "branch", "home store", "store name",
    ),
    "points": (
        "积分", "可用积分", "积分余额", "当前积分", "剩余积分",
        "available points", "points balance", "point balance", "balance",
    ),
    "points_expire_at": (
        "积分有效期", "积分到期日", "积分过期日", "积分过期时间", "积分到期时间",
        "points expire", "points expiry", "points expire at", "expiry date",
    ),
    "growth": ("成长值", "会员成长值", "经验值", "growth value", "experience"),
    "tier": ("等级", "会员等级", "级别", "会员级别", "level", "member level", "member tier"),
}  # fmt: skip

ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("类型", "单据类型", "业务类型", "订单类型", "交易类型", "type", "order type"),
    "order": (
        "订单号", "订单编号", "单号", "小票号", "流水号", "单据号", "单据编号",
        "交易号", "交易单号",
        "order number", "order no", "order id", "receipt", "receipt number", "receipt no",
        "invoice", "invoice number", "invoice no", "reference",
    ),
    "occurred_at": (
        "时间",
        "下单时间", "交易时间", "订单时间", "付款时间", "支付时间", "消费时间", "销售时间",
        "日期", "交易日期", "订单日期", "销售日期", "time", "date", "order time", "order date",
        "paid at", "created at", "transaction date", "invoice date",
    ),
    "store": (
        "门店", "门店编号", "门店编码", "门店名称", "店铺", "店铺名称",
        "store code", "shop", "branch", "store name",
    ),
    "member_kind": ("会员标识类型", "标识类型", "identity kind"),
    "member": (
        "会员", "会员标识", *MEMBERS["external_id"][:6], *MEMBERS["phone"], *MEMBERS["card"],
        "member id", "customer id", "member number", "customer",
    ),
    "product": (
        "商品", "商品编码", "商品编号", "货号", "sku", "商品条码", "条码", "商品名称",
        "product code", "item", "item code", "stock code", "product name", "barcode",
    ),
    "category": ("分类", "类别", "品类", "商品分类", "商品类别", "product category"),
    "line_kind": ("明细类型", "商品类型", "line type", "item type"),
    "quantity": ("数量", "件数", "购买数量", "商品数量", "qty", "units"),
    "amount": (
        "金额", "总金额", "商品金额", "小计", "销售金额", "订单金额", "应收金额",
        "消费金额", "原价金额",
        "total", "subtotal", "line total", "line amount", "total amount", "price total",
    ),
    "discount": ("优惠", "优惠金额", "折扣金额", "折扣", "让利", "discount amount"),
    "points_paid": ("抵现积分", "使用积分", "抵扣积分", "积分抵扣", "points used"),
    "of": ("原订单号", "原单号", "退货原单号", "original order", "refund of", "original invoice"),
    "line": ("原明细行", "明细行", "行号", "original line", "line number", "line no"),
}  # fmt: skip

VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {
        **dict.fromkeys(
            ("销售", "消费", "购买", "订单", "正常", "sale", "Sale", "order", "Purchase"),
            "purchase",
        ),
        **dict.fromkeys(("退货", "退款", "退单", "return", "Return", "Refund"), "refund"),
    },
    "member_kind": {
        **dict.fromkeys(("手机号", "手机", "电话"), "phone"),
        **dict.fromkeys(("卡号", "会员卡"), "card"),
        **dict.fromkeys(("会员编号", "编号"), "external"),
        "邮箱": "email",
        "微信": "wechat",
    },
    "line_kind": {
        "商品": "goods", "服务": "service", "运费": "shipping", "礼品卡": "gift_card",
        "手续费": "fee",
    },
}  # fmt: skip
