"""What is asked for: the campaign file, the points it names, and the numbers behind every ``auto``.

Start at ``loading.load_campaign`` (file to ``model.Campaign``) and ``grid.points`` (campaign to points).
Nothing here knows how a field is evaluated or how work is dealt.
"""
