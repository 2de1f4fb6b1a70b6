{% set compared = [
    ref('compare_sales__products'),
    ref('compare_sales__productpricelevels'),
    ref('compare_finops__customers'),
] %}

{% for relation in compared %}
    select
        flow,
        target,
        source_key,
        record_key,
        fate,
        is_drift,
        detail
    from {{ relation }}
    {{ 'union all' if not loop.last }}
{% endfor %}
