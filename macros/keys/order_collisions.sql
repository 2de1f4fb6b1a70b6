{# Who has a number of `numbered` orders: where two companies want one, the order that Sales knows already has it,
   else that of the default company, whatever the alphabet; then the first (O9). #}
{% macro order_collisions() -%}
    with ranked as (
        select
            *,
            row_number() over (
                partition by is_alive, order_number
                order by
                    case
                        when linked_id is not null then 0
                        when company_id is not null then 1
                        when prefix_id is not null then 2
                        else 3
                    end,
                    is_default_company desc, data_area_id
            ) as choice
        from numbered
    )

    select
        *,
        -- Another order of Sales has the number: one that was entered there, or another company's.
        choice > 1 or (known_id is null and holder_id is not null) as is_collision,
        choice = 1 and known_id is null and holder_company = data_area_id as is_taken,
        case
            when choice = 1 and known_id is null then coalesce(holder_company, data_area_id)
            else min(case when choice = 1 then data_area_id end) over (partition by is_alive, order_number)
        end as first_company
    from ranked
{%- endmacro %}
