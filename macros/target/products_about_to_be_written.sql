{# Products whose price the solution's own plug-in carries into their item (field-mapping 4.1, P3), with
   is_new: writing the item too would be writing it twice. An item that is still wrong when its product is not
   about to be written is ours to mend. A new product it puts on the first list by name, whatever is pinned. #}
{% macro products_about_to_be_written() -%}
    select
        source_key as product_number,
        fate = 'create' as is_new
    from {{ ref('compare_sales__products') }}
    where
        {{ choice_var('price_list_items', ['solution', 'p2c']) }} = 'solution'
        and (
            fate = 'create'
            or (
                fate = 'update'
                and {{ any_changed('changed_columns', [
                    'price', 'transactioncurrencyid', 'defaultuomid', 'pricelevelid']) }}
            )
        )
{%- endmacro %}
