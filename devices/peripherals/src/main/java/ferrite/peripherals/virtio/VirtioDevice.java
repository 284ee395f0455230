package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.report.Report;
import ferrite.hardware.state.Saveable;

/**
 * A device at a virtio transport (chapter 5): its kind, its features, and its work on the chains of its queues.
 *
 * <p>The device reports a driver's mistake with a {@link DriverError}, thrown during a call from the transport or
 * during an event that the transport has made for the device.
 */
public interface VirtioDevice extends Saveable {

    /** The transport's side: a device's queues and events. */
    interface Transport {

        VirtQueue queue(int number);

        /** Creates a server that serves a queue chain by chain. */
        QueueServer server(int queue, QueueServer.Work work);

        /** Returns true if device and driver have agreed on a feature. */
        boolean isNegotiated(int feature);

        /** Runs an action that may find a driver's mistake, outside a call from the transport. */
        void guarded(Runnable action);

        GuestMemory memory();

        /** Raises the interrupt for a used buffer, although there is none. */
        void interrupt();
    }

    /** Returns the device's number in the specification. */
    int id();

    /** Returns the name for people, such as {@code block} or {@code console}. */
    String kind();

    /** Returns the feature bits of this kind of device, 0 to 23. */
    long features();

    /** Adds to the report of the {@code virtio} command what only this kind of device has. */
    default void describe(Report report) { }

    /** Returns the number of queues. */
    int queues();

    /** Connects the transport. Called once, when the machine is built. */
    void connect(Transport transport);

    /** Returns the present configuration space, little-endian. */
    byte[] configuration();

    /** Stores a driver's value into the configuration space. */
    default void storeConfiguration(int offset, int width, int value) {
        throw new BusFault(VirtioRegisters.CONFIG + offset, width,
                "the configuration of this device cannot be written");
    }

    /** Looks for new chains in a queue. */
    void look(int queue);

    /** Drops the work on a queue, and touches its memory no more. */
    void stop(int queue);

    /** Tells whether the device was pulled out: its registers read as ones and ignore writes, its interrupt is off. */
    default boolean isRemoved() {
        return false;
    }

    /** Returns the number of chains taken from a queue and not given back. */
    int inFlight(int queue);
}
