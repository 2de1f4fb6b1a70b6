{% do every_target_is_listed() %}
{% for name in write_targets() %}
    select
        flow,
        target,
        source_key,
        record_key,
        fate,
        is_drift,
        is_first_contact,
        detail
    from {{ ref('compare_' ~ name) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
