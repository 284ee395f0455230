package ferrite.hardware.model;

import ferrite.hardware.report.Report;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * A model of a device. A jar whose manifest names the class with {@code Ferrite-Device} is plugged into a machine with
 * {@code --device FILE.jar}; the class has a public constructor without arguments. A test plugs an object, or a lambda,
 * with {@code options.device(model)}. One object serves one device of one machine.
 *
 * <p>{@link #build} declares everything once: the names of the device, a row for each register, its interrupts, timed
 * events, bus master and DMA channel. What software sees follows from the rows: an access to an offset without a
 * register, of another width, or against the register's {@link RegisterAccess}, is a bus fault. The effects of the rows
 * do the rest:
 *
 * <pre>{@code
 * public final class Dice implements DeviceModel {
 *
 *     public void build(DeviceBuilder device) {
 *         device.name("dice").compatible("example,dice");
 *         Register result = device.register("RESULT", 0x04, 4, RegisterAccess.RO);
 *         Interrupt interrupt = device.interrupt();
 *         TimedEvent rolled = device.event("rolled", () -> {
 *             result.set(4);
 *             interrupt.raise();
 *         });
 *         device.register("ROLL", 0x00, 4, RegisterAccess.WO).onWrite(value -> rolled.scheduleIn(1000));
 *         device.register("ACK", 0x08, 4, RegisterAccess.WO).onWrite(value -> interrupt.lower());
 *     }
 * }
 * }</pre>
 *
 * <p>The machine calls a model on the thread that has the turn, one call at a time: an effect is part of the access, or
 * of the event, that causes it. A model works in no thread of its own, asks no clock of the host and no random
 * generator without a fixed seed, so that every run can be repeated. It never waits: work that takes time is a {@link
 * TimedEvent}. An exception that leaves a model, and a value out of range, end the run with a sentence that names the
 * model's line; so does an effect that does not return, after {@code --watchdog} seconds.
 *
 * <p>Registers, declared memory, levels of interrupts and pending events are saved and restored by themselves. State in
 * other fields of the model needs {@link #reset}, {@link #save} and {@link #restore}.
 */
@FunctionalInterface
public interface DeviceModel {

    /**
     * Declares the device. Called once, before the machine exists; handles such as {@link Register} and {@link
     * BusPort} are used afterwards, in effects.
     *
     * @throws IllegalArgumentException with a sentence, if a parameter has a value that the model refuses
     */
    void build(DeviceBuilder device);

    /**
     * Sets the model's own fields to their values at power-on. Registers and declared memory have theirs already.
     * Called at power-on, and by {@link DeviceHost#reset}.
     */
    default void reset() { }

    /** Saves the model's own fields, in 3 MiB at most. Changes nothing. */
    default void save(StateWriter out) { }

    /**
     * Reads the values that {@link #save} wrote, in the same order. The bytes may come from a hostile file, so that
     * each value is checked ({@link StateReader#get32(int, int)}).
     */
    default void restore(StateReader in) { }

    /** Adds the model's own findings to the monitor's report of the device. Changes nothing. */
    default void inspect(Report report) { }

    /**
     * Describes the current request in a few words, such as {@code it copies 64 bytes}, for reports on an access of
     * the device that its driver did not permit. Returns null if there is nothing to tell. Changes nothing.
     */
    default String request() {
        return null;
    }
}
