import OptimizationAgent
struct CampaignReport { var summary: Campaign.Summary; var isQuiet: Bool; var format: OutputFormat; func print() throws {} }
