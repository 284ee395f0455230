package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.Saveable;

/**
 * A device behind a virtio transport (chapter 5): what it is, what it offers, and what it does with the chains of its queues. A driver's mistake that it
 * notices is a {@link DriverError}, thrown in the middle of a call from the transport or of an event that the transport has made for it.
 */
public interface VirtioDevice extends Saveable {

    /** The transport's side, for the device: its queues and events. */
    interface Transport {

        VirtQueue queue(int number);

        /** Serves a queue chain by chain. */
        QueueServer server(int queue, QueueServer.Work work);

        /** Whether device and driver have agreed on a feature. */
        boolean isNegotiated(int feature);

        /** Does something in which a driver's mistake may be found, where the transport has not called. */
        void guarded(Runnable action);

        GuestMemory memory();
    }

    /** The device's number in the specification. */
    int id();

    /** As people call it: {@code block}, {@code console}. */
    String kind();

    /** Feature bits of this kind of device, 0 to 23. */
    long features();

    /** How many queues it has. */
    int queues();

    /** Called once, when the machine is built. */
    void connect(Transport transport);

    /** The configuration space as it is, little-endian. */
    byte[] configuration();

    /** The driver stores into the configuration space. */
    default void storeConfiguration(int offset, int width, int value) {
        throw new BusFault(VirtioRegisters.CONFIG + offset, width, "the configuration of this device cannot be written");
    }

    /** A queue may have new chains. */
    void look(int queue);

    /** Drops what it does with a queue, and touches its memory no more. */
    void stop(int queue);

    /** How many chains of a queue it has taken and not given back. */
    int inFlight(int queue);
}
