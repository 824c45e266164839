"""`manage.py rotate_keys`: bring every secret under the first key of MFA_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vault.rotation import rotate, stale_count


class Command(BaseCommand):
    """Can be stopped and started again; until it ends, keep the old keys in MFA_KEYS."""

    help = "Re-encrypt every stored secret with the first key of MFA_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        total, done, unreadable = stale_count(), 0, 0
        for step in rotate():
            done += step.resealed
            unreadable += step.unreadable
            self.stderr.write(f"\r{done} of {total} secrets", ending="")
        self.stderr.write("")
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets cannot be opened with any key in MFA_KEYS. Keep the old keys and restore the missing one."
            )
        if left := stale_count():
            raise CommandError(
                f"{left} secrets are under another key still: changed meanwhile, or by a process with the old MFA_KEYS. "
                "Keep the old keys and run it again."
            )
        self.stdout.write(f"{done} secrets re-encrypted, none is under another key. Keep the old keys with the backups made before.")
