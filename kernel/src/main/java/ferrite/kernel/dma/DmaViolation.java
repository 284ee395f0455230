package ferrite.kernel.dma;

import ferrite.hardware.report.Violation;
import ferrite.kernel.check.ExplainedViolation;
import ferrite.kernel.mm.PageOwner;

/**
 * A transfer that no engine can make, with everything that is known about it.
 *
 * @param what      the rule and the bus's side of it
 * @param ticks     when, in virtual time
 * @param event     the run's event number
 * @param hart      the hart that had the turn, or -1
 * @param va        the buffer's address in the linear map; 0 when it has none
 * @param zone      the zone of the buffer's memory; null when it is no memory
 * @param order     the order of the block that the buffer lies in; -1 when it is not allocated
 * @param owner     who allocated the block, or null
 * @param setupSite where the transfer was set up, or null
 * @param victim    whose memory the truncated address is, as the end of a sentence
 */
public record DmaViolation(Violation what, long ticks, long event, int hart, long va, String zone, int order, PageOwner.Owner owner,
                           String setupSite, String victim) implements ExplainedViolation {

    @Override
    public String rule() {
        return what.rule();
    }

    @Override
    public String mistake() {
        return rule() + (what.channel() < 0 ? " by " + what.engine() : " on channel " + what.channel()) + (setupSite == null ? "" : ", set up at " + setupSite)
                + (owner == null ? "" : ", buffer allocated at " + owner.site());
    }
}
