{# Beside each of `claims`, the other party that claims the number as strongly in that company, or carries it as
   well in Sales, whatever company it belongs to. #}
{% macro party_rivals() -%}
    with compared as (
        select
            *,
            min(strength) over (partition by is_alive, data_area_id, lower(claimed)) as strongest,
            bool_or(is_alive) over (partition by data_area_id, lower(claimed)) as is_wanted
        from claims
    ),

    alike as (
        select
            *,
            min(case when strength = strongest then party_id end)
                over (partition by is_alive, data_area_id, lower(claimed)) as first_claiming,
            max(case when strength = strongest then party_id end)
                over (partition by is_alive, data_area_id, lower(claimed)) as last_claiming,
            min(case when strength > 1 then party_id end)
                over (partition by is_alive, lower(number)) as first_numbered,
            max(case when strength > 1 then party_id end)
                over (partition by is_alive, lower(number)) as last_numbered
        from compared
    )

    select
        *,
        case
            when claimed is null then null
            when first_claiming <> last_claiming or party_id <> first_claiming
                then case when party_id = first_claiming then last_claiming else first_claiming end
            when strength > 1 and number is not null and first_numbered <> last_numbered
                then case when party_id = first_numbered then last_numbered else first_numbered end
        end as other_id
    from alike
{%- endmacro %}
