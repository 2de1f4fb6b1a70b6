"""Actions over HTTP: what they are called, what they need, products and orders born in F&O."""


def test_an_unknown_action_or_argument_is_named(shop):
    message = shop.try_to("confrim-order", order="X").reason
    assert message.startswith("There is no action 'confrim-order'. There are: release-product,")
    assert shop.try_to("pick", oder="X").reason == "The action 'pick' takes no oder."
    assert shop.try_to("pick").reason == "The action 'pick' needs order."
    assert shop.try_to("pick", order="X", company="none").reason == "There is no company 'none'."
    assert "'much' is not a value" in shop.try_to("add-charge", order="X", amount="much").reason


def test_o2_an_order_born_in_f_and_o(shop):
    created = shop.do("create-order", customer="C-1", reference="PO 7", work_order=True)
    assert created == {"company": "usmf", "order": "SO000000001", "status": "Active"}
    row = shop.header("SO000000001")
    assert (row["SalesOrderOriginType"], row["CustomersOrderReference"]) == (
        "WorkOrderIntegration",
        "PO 7",
    )
    added = shop.do(
        "add-line", order="SO000000001", product="P-1", quantity="2.5", price="4", discount="1"
    )
    assert added["line"] == 1
    [line] = shop.lines()
    assert (line["LineAmount"], line["SalesOrderOriginType"]) == (9, "WorkOrderIntegration")
    assert (
        "Released products"
        in shop.try_to("add-line", order="SO000000001", product="P-9", quantity=1).reason
    )


def test_p6_products_are_listed_after_the_job_has_run_once(shop):
    created = shop.do("release-product", product="N-1", name="New one", price="12.50")
    assert created == {"company": "usmf", "product": "N-1", "listed": False}
    path = "SellableReleasedProducts(dataAreaId='usmf',ProductNumber='N-1')"
    assert shop.api.get(path).status == 404
    assert "N-1" not in {row["ProductNumber"] for row in shop.api.rows("SellableReleasedProducts")}
    assert shop.do("populate-distinct-products")["products"] == 1
    row = shop.api.get(path).json
    assert (row["SalesPrice"], row["CurrencyCode"], row["ProductType"]) == (12.5, "USD", "Item")
    assert shop.do("release-product", product="N-2", name="Next")["listed"] is True
    assert "already exists" in shop.try_to("release-product", product="N-2", name="Next").reason
    assert "Units" in shop.try_to("release-product", product="N-3", name="x", unit="zz").reason
