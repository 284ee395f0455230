package ferrite.hardware.event;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import java.util.function.Supplier;

/**
 * A front end that is told the events of a machine. The thread that holds the turn calls it, in the middle of the
 * event. It may only look, must return soon, and must not throw.
 */
@FunctionalInterface
public interface EventListener {

    /**
     * Takes an event.
     *
     * @param kind  the kind of event, one of {@link MachineEvents#KINDS}
     * @param when  the moment of the run
     * @param facts makes the details, which costs time only if it is asked; works only during the call, except for
     *              {@link MachineEvents#ACCESSES}
     */
    void happened(String kind, Violation.Moment when, Supplier<Report> facts);
}
