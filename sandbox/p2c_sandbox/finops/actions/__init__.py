"""What a person or a batch job of F&O does, by name: functions of a desk and their arguments."""

from collections.abc import Callable, Mapping

from p2c_sandbox.finops.actions import customers, deliveries, invoices, orders, products

Action = Callable[..., dict[str, object]]
ACTIONS: Mapping[str, Action] = {
    "release-product": products.release_product,
    "populate-distinct-products": products.populate_distinct_products,
    "set-tax-group": customers.set_tax_group,
    "create-order": orders.create_order,
    "add-line": orders.add_line,
    "edit-line": orders.edit_line,
    "remove-line": orders.remove_line,
    "add-charge": orders.add_charge,
    "set-order-discount": orders.set_order_discount,
    "confirm-order": orders.confirm_order,
    "calculate-totals": orders.calculate_totals,
    "pick": deliveries.pick,
    "packing-slip": deliveries.packing_slip,
    "invoice": invoices.invoice,
    "credit-note": invoices.credit_note,
    "cancel-order": orders.cancel_order,
}
