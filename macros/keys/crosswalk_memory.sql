{# Kept after a build, so that a pair's evidence is there when nothing compares it any more. #}
{% macro create_matches() -%}
create table if not exists ledger.matches (
    entity varchar, finops_table varchar, data_area_id varchar, sales_id varchar, finops_key varchar,
    score integer, evidence varchar, seen_at timestamptz
);
{%- endmacro %}

{% macro remember_matches() -%}
delete from ledger.matches as former using {{ this }} as latest
where
    former.entity = latest.entity and former.finops_table = latest.finops_table
    and former.sales_id = latest.sales_id and former.finops_key = latest.finops_key
    and former.data_area_id is not distinct from latest.data_area_id
    and former.evidence is distinct from latest.evidence;
insert into ledger.matches by name
select
    pairs.entity, pairs.finops_table, pairs.data_area_id, pairs.sales_id, pairs.finops_key, pairs.score,
    pairs.evidence, now() as seen_at
from {{ this }} as pairs
where
    pairs.evidence is not null
    and not exists (
        select 1 from ledger.matches as known
        where
            known.entity = pairs.entity and known.finops_table = pairs.finops_table
            and known.sales_id = pairs.sales_id and known.finops_key = pairs.finops_key
            and known.data_area_id is not distinct from pairs.data_area_id
    )
{%- endmacro %}

{# A person's `different` ends a link (K1). #}
{% macro end_denied_links() -%}
update ledger.links
set ended_at = now(), changed_at = now()
from {{ ref('stg_seeds__key_overrides') }} as denied
where
    ledger.links.ended_at is null
    and denied.decision = 'different'
    and {{ is_denied_link('ledger.links') }}
{%- endmacro %}

{# Whether `denied` says that the records of a link are different. #}
{% macro is_denied_link(links) -%}
    case
        when denied.entity = 'products'
            then
                {{ links }}.flow = 'products' and {{ links }}.record_id = denied.sales_id
                and lower({{ links }}.source_key) = lower(denied.finops_key)
        else
            {{ links }}.flow in (
                case denied.entity when 'customers' then 'accounts' else 'contacts' end,
                case denied.entity when 'customers' then 'accounts' else 'contacts_to_customers' end
            )
            and split_part({{ links }}.source_key, '/', 2) = denied.sales_id
            and split_part({{ links }}.source_key, '/', 1)
            = coalesce(denied.data_area_id, split_part({{ links }}.source_key, '/', 1))
            and lower(split_part({{ links }}.record_key, '/', 2)) = lower(denied.finops_key)
    end
{%- endmacro %}
