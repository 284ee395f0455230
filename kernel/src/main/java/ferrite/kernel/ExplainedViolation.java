package ferrite.kernel;

import ferrite.hardware.report.Violation;
import ferrite.kernel.mm.PageOwner;

/**
 * A broken rule with everything that is known about it.
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
public record ExplainedViolation(Violation what, long ticks, long event, int hart, long va, String zone, int order, PageOwner.Owner owner,
                                 String setupSite, String victim) { }
