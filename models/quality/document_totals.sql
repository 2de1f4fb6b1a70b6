-- Totals of documents that both systems have, as they were read, and why they differ where they do.
{% set documents = [
    {
        'type': 'order', 'of': ref('sales_orders_processed'), 'held': ref('stg_sales__salesorders'),
        'id': 'order_id', 'held_id': 'salesorderid', 'number': 'sales_order_number',
        'number_in_sales': 'order_number', 'not_carried': '0',
        'headers': ref('compare_sales__salesorders'), 'lines': ref('compare_sales__salesorderdetails'),
        'key': "documents.data_area_id || '/' || documents.sales_order_number",
    },
    {
        'type': 'invoice', 'of': ref('sales_invoices'), 'held': ref('stg_sales__invoices'),
        'id': 'invoice_id', 'held_id': 'invoiceid', 'number': 'invoice_number',
        'number_in_sales': 'number_in_sales',
        'not_carried': '0' if flag_var('invoice_misc_tax') == 'true' else 'documents.header_tax_amount',
        'headers': ref('compare_sales__invoices'), 'lines': ref('compare_sales__invoicedetails'),
        'key': "documents.data_area_id || '/' || documents.invoice_number || '/' || documents.ledger_voucher",
    },
] %}

with
{% for one in documents %}
    {{ one.type }}s as (
        select
            '{{ one.type }}' as document_type,
            {{ one.key }} as source_key,
            documents.data_area_id,
            documents.{{ one.number }} as document_number,
            documents.{{ one.number_in_sales }} as number_in_sales,  -- noqa: AL09
            documents.currency_code,
            cast({{ round_to('documents.total_amount', 'documents.currency_precision') }} as decimal(32, 6))
                as finops_total,
            cast(held.totalamount as decimal(32, 6)) as sales_total,
            cast(coalesce({{ one.not_carried }}, 0) as decimal(32, 6)) as header_tax_not_carried
        from {{ one.of }} as documents
        inner join {{ one.held }} as held
            on documents.{{ one.id }} = held.{{ one.held_id }} and held.deleted_at is null
        where not documents.is_deleted
    ),
{% endfor %}

both_kinds as (
    {% for one in documents %}
        select * from {{ one.type }}s
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A line's key begins with that of its document.
pending as (
    {% for one in documents %}
        select source_key
        from {{ one.headers }}
        where fate in ('update', 'rejected', 'blocked', 'conflict')
        union
        select substring(source_key, 1, length(source_key) - position('/' in reverse(source_key))) as source_key
        from {{ one.lines }}
        where fate in ('create', 'update', 'deactivate', 'rejected', 'blocked', 'conflict')
        {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    both_kinds.*,
    both_kinds.finops_total - both_kinds.sales_total as difference,
    case
        when both_kinds.finops_total = both_kinds.sales_total then 'none'
        when pending.source_key is not null then 'not all of it is in Sales yet'
        when both_kinds.finops_total - both_kinds.sales_total = both_kinds.header_tax_not_carried
            then 'tax on header charges, which is not carried (I3)'
        else 'unexplained'
    end as explanation
from both_kinds
left join pending on both_kinds.source_key = pending.source_key
