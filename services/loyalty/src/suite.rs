//! All five services, or any of them, in one process.

use clap::{Args, ValueEnum};
use common::{
    binary,
    config::DatabaseSettings,
    process::{Process, Settings},
    server::Running,
};

/// A service of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Programs and members.
    Member,
    /// Wallets and the ledger.
    Points,
    /// Ladders and levels.
    Tier,
    /// Rewards and redemptions.
    RewardsCatalog,
    /// Rules and activities.
    Campaign,
}

/// The settings of a process with several services.
#[derive(Args, Clone, Debug)]
pub struct SuiteSettings {
    /// Which services to serve. The others are called at their URLs.
    #[arg(long, env = "LOYALTY_SERVICES", value_enum, value_delimiter = ',',
          default_values = ["member", "points", "tier", "rewards-catalog", "campaign"])]
    pub services: Vec<Service>,
    /// What every process has.
    #[command(flatten)]
    pub process: Settings,
    /// The member service's own.
    #[command(flatten)]
    pub member: member::Settings,
    /// The points service's own.
    #[command(flatten)]
    pub points: points::Settings,
    /// The tier service's own.
    #[command(flatten)]
    pub tier: tier::Settings,
    /// The rewards catalog's own.
    #[command(flatten)]
    pub rewards_catalog: rewards_catalog::Settings,
    /// The campaign service's own.
    #[command(flatten)]
    pub campaign: campaign::Settings,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Service::Member => member::NAME,
            Service::Points => points::NAME,
            Service::Tier => tier::NAME,
            Service::RewardsCatalog => rewards_catalog::NAME,
            Service::Campaign => campaign::NAME,
        }
    }
}

/// Starts the services. The databases must be up to date: see [`migrate`].
pub async fn start(settings: SuiteSettings) -> anyhow::Result<Running> {
    let names: Vec<&'static str> = settings.services.iter().map(|service| service.name()).collect();
    let mut process = Process::new(settings.process.clone(), &names)?;
    for service in &settings.services {
        match service {
            Service::Member => member::mount(&mut process, &settings.member).await?,
            Service::Points => points::mount(&mut process, &settings.points).await?,
            Service::Tier => tier::mount(&mut process, &settings.tier).await?,
            Service::RewardsCatalog => rewards_catalog::mount(&mut process, &settings.rewards_catalog).await?,
            Service::Campaign => campaign::mount(&mut process, &settings.campaign).await?,
        }
    }
    process.start().await
}

/// Brings the schemas of every service up to date, in one database.
pub async fn migrate(settings: &DatabaseSettings) -> anyhow::Result<()> {
    let migrators = [
        (member::NAME, &member::MIGRATOR),
        (points::NAME, &points::MIGRATOR),
        (tier::NAME, &tier::MIGRATOR),
        (rewards_catalog::NAME, &rewards_catalog::MIGRATOR),
        (campaign::NAME, &campaign::MIGRATOR),
    ];
    for (service, migrator) in migrators {
        binary::migrate(service, settings, migrator).await?;
    }
    Ok(())
}
