{# The candidates of one entity with both records beside each other, as people read them. #}
{% macro listed_matches(entity) -%}
with candidates as (
    select * from {{ ref('match_candidates') }} where entity = '{{ entity }}'
)

select
    candidates.sales_id,
    nullif(candidates.data_area_id, '') as data_area_id,
    candidates.record_table as finops_table,
    candidates.finops_key,
    candidates.status,
    candidates.review_reason,
    candidates.is_waiting,
    candidates.rule,
    candidates.score,
    sales.name as sales_name,
    finops.name as finops_name,
    {{ match_evidence('candidates.kind') }} as evidence
from candidates
inner join {{ ref('match_sales_records') }} as sales
    on
        candidates.entity = sales.entity
        and candidates.data_area_id = sales.data_area_id
        and candidates.sales_id = sales.record_key
inner join {{ ref('match_finops_records') }} as finops
    on
        candidates.entity = finops.entity
        and candidates.record_table = finops.record_table
        and candidates.data_area_id = finops.data_area_id
        and candidates.finops_key = finops.record_key
{%- endmacro %}

{# {"name":{"agrees":"close rare","sales":"…","finops":"…"}}: the columns that both records have. #}
{% macro match_evidence(kind) -%}
    '{' || concat_ws(','
    {%- for column in match_columns() %},
        '"{{ column }}":{"agrees":"' || case {{ match_digit(kind, column) }}
            when 1 then 'other' when 2 then 'alike' when 3 then 'close' when 4 then 'same'
            when 6 then 'alike rare' when 7 then 'close rare' when 8 then 'same rare'
        end || '","sales":' || {{ json_value(match_shown('sales', column)) }}
        || ',"finops":' || {{ json_value(match_shown('finops', column)) }} || '}'
    {%- endfor %}
    ) || '}'
{%- endmacro %}

{# The domain is part of the e-mail address. #}
{% macro match_shown(record, column) -%}
    {{ match_domain(record ~ '.email') if column == 'domain' else record ~ '.' ~ column }}
{%- endmacro %}
