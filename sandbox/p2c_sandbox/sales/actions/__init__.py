"""What a person does in Sales, by name: functions of a desk and their arguments."""

from collections.abc import Callable, Mapping

from p2c_sandbox.sales.actions import lines, masters, orders, quotes

Action = Callable[..., dict[str, object]]
ACTIONS: Mapping[str, Action] = {
    "add-account": masters.add_account,
    "add-contact": masters.add_contact,
    "activate-product": masters.activate_product,
    "add-quote": quotes.add_quote,
    "activate-quote": quotes.activate_quote,
    "revise-quote": quotes.revise_quote,
    "win-quote": quotes.win_quote,
    "lose-quote": quotes.lose_quote,
    "order-from-quote": quotes.order_from_quote,
    "add-order": orders.add_order,
    "activate-order": orders.activate_order,
    "cancel-order": orders.cancel_order,
    "add-line": lines.add_line,
    "change-line": lines.change_line,
    "remove-line": lines.remove_line,
}
