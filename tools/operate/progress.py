"""make progress: how far the migration is, and how long the rest would take at the present pace.

It needs the AWS CLI (v1 or v2) with credentials that may describe both pools (cognito-idp:DescribeUserPool) and read
metrics (cloudwatch:GetMetricStatistics). Function and pools are those of Terraform's outputs unless they are given:
make progress FUNCTION=my-function SOURCE_POOL=eu-west-1_Ab12Cd34E POOL=eu-west-1_Fg56Hi78J

Cognito estimates the numbers of users, and brings its estimate up to date about once a day.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from tools.base import terraform
from tools.base.aws import call, region_of
from tools.base.terminal import BOLD, DIM, GREEN, paint, width

NAMESPACE = "CognitoUserMigration"
DAYS_SHOWN = 14
# A week: people who sign in on working days only must not look like a standstill on a Sunday.
DAYS_OF_PACE = 7
LONGEST_BAR = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--function", help="name of the function; default: Terraform's output function_name")
    parser.add_argument("--pool", help="id of the destination pool; default: Terraform's output new_user_pool_id")
    parser.add_argument("--source-pool", help="id of the source pool; default: Terraform's output source_user_pool_id")
    parser.add_argument("--profile", help="the AWS CLI's profile for the function's account")
    parser.add_argument(
        "--source-profile", help="the AWS CLI's profile for the source pool, if it is in another account"
    )
    arguments = parser.parse_args()
    given = {
        "function_name": arguments.function,
        "new_user_pool_id": arguments.pool,
        "source_user_pool_id": arguments.source_pool,
    }
    deployed = terraform.outputs(given)
    source_id, destination_id = deployed["source_user_pool_id"], deployed["new_user_pool_id"]
    region, profile = region_of(destination_id), arguments.profile
    today = datetime.now(timezone.utc).date()
    progress = Progress(
        source=users(source_id, arguments.source_profile or profile),
        destination=users(destination_id, profile),
        per_day=migrations_per_day(deployed["function_name"], region, today, profile),
    )
    print(f"{source_id} → {destination_id}")
    print("\n".join(progress.lines(today, min(LONGEST_BAR, width() - 30))))
    return 0


def users(user_pool_id: str, profile: str | None) -> int:
    """How many users Cognito estimates the pool to have."""
    parameters = {"UserPoolId": user_pool_id}
    answer = call("cognito-idp", "describe-user-pool", region_of(user_pool_id), parameters, profile=profile)
    return answer["UserPool"].get("EstimatedNumberOfUsers", 0)


def migrations_per_day(function_name: str, region: str, today: date, profile: str | None) -> dict[date, int]:
    """How many users were migrated on each of the last days, the present one included."""
    first = today - timedelta(days=DAYS_SHOWN - 1)
    parameters = {
        "Namespace": NAMESPACE,
        "MetricName": "Migrated",
        "Dimensions": [{"Name": "FunctionName", "Value": function_name}],
        "Statistics": ["Sum"],
        "Period": 86400,
        "StartTime": f"{first}T00:00:00Z",
        "EndTime": f"{today + timedelta(days=1)}T00:00:00Z",
    }
    answer = call("cloudwatch", "get-metric-statistics", region, parameters, profile=profile)
    per_day = {first + timedelta(days=number): 0 for number in range(DAYS_SHOWN)}
    for point in answer.get("Datapoints", []):
        day = day_of(point["Timestamp"])
        if day in per_day:
            per_day[day] += round(point["Sum"])
    return per_day


def day_of(timestamp: str | float) -> date:
    """Version 2 of the AWS CLI writes text, version 1 what the service sends: seconds since 1970, or text."""
    if isinstance(timestamp, str):
        return date.fromisoformat(timestamp[:10])
    return datetime.fromtimestamp(timestamp, timezone.utc).date()


@dataclass
class Progress:
    """Both pools' users, and the migrations of the last days, oldest first."""

    source: int
    destination: int
    per_day: dict[date, int]

    @property
    def share(self) -> float:
        """The part of the source pool's users whom the destination pool has, too. Those who signed up count as well."""
        return min(1.0, self.destination / self.source) if self.source else 1.0

    @property
    def rest(self) -> int:
        return max(0, self.source - self.destination)

    def pace(self, today: date) -> float:
        """Migrations per day over the last whole days: the present day is not over."""
        days = [number for day, number in self.per_day.items() if today - timedelta(days=DAYS_OF_PACE) <= day < today]
        return sum(days) / len(days) if days else 0.0

    def outlook(self, today: date) -> str:
        """How long the rest would take."""
        if not self.rest:
            return "Every user of the source pool may be in the destination pool by now."
        pace = self.pace(today)
        if not pace:
            return f"{self.rest:,} users are left. Nobody was migrated in the last {DAYS_OF_PACE} days."
        days = -(-self.rest // pace)
        return (
            f"{self.rest:,} users are left. At {pace:,.1f} a day, the mean of the last {DAYS_OF_PACE} days, that takes "
            f"{days:,.0f} more days, until about {today + timedelta(days=days)}. "
            "People who come back seldom make it longer."
        )

    def lines(self, today: date, columns: int) -> list[str]:
        lines = [
            f"{'source pool':<16} {self.source:>12,} users",
            f"{'destination pool':<16} {self.destination:>12,} users",
            f"{bar(self.share, columns, GREEN)} {self.share:.1%}",
            "",
            paint(f"Migrated per day ({sum(self.per_day.values()):,} in {len(self.per_day)} days)", BOLD),
        ]
        most = max(self.per_day.values(), default=0)
        for day, number in self.per_day.items():
            share = number / most if most else 0.0
            lines.append(f"{day} {bar(share, columns // 2, DIM, empty=' ')} {number:,}")
        return [*lines, "", self.outlook(today)]


def bar(share: float, columns: int, style: str, empty: str = "░") -> str:
    """A bar of that many columns, filled to its share; a share above zero is seen."""
    filled = min(columns, max(round(share * columns), 1 if share > 0 else 0))
    if share < 1 and filled == columns:
        filled -= 1
    return paint("█" * filled, style) + empty * (columns - filled)
