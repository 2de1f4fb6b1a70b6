{# Records that might be the one that is about to be created: this project made them, as their flag says,
   no key leads to them, and they have the name. Where warehouse and ledger are both lost after a change
   of numbers that is all there is to go by; a person says what is right, nothing is created twice. #}

{# Numbers that accounts and contacts claim or carry, by company: `claims` is the query's own. #}
{% macro known_numbers() -%}
    select data_area_id, lower(claimed) as number
    from claims
    where claimed is not null
    union
    select data_area_id, lower(number) as number
    from claims
    where number is not null
{%- endmacro %}

{# The first of each name among `records` (data_area_id, number, name) that no number leads to. #}
{% macro lost_records(records) -%}
    select
        records.data_area_id,
        lower(records.name) as name,
        min(records.number) as number
    from ({{ records }}) as records
    left join ({{ known_numbers() }}) as known
        on records.data_area_id = known.data_area_id and lower(records.number) = known.number
    where known.number is null and records.name is not null
    group by records.data_area_id, lower(records.name)
{%- endmacro %}
