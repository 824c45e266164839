"""What auditors look into."""

MFA_DETECTORS = [
    "review.detectors.swapped_methods",
    "review.detectors.reset_new_network",
    "review.detectors.password_only",
    "review.detectors.shared_number",
    "review.detectors.institution_number",
    "review.detectors.busy_agents",
    "review.detectors.long_terminations",
    "review.detectors.same_pair",
]
