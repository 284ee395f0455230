package ferrite.peripherals.virtio;

import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.KernelCalls;

/**
 * A driver of the virtio bus ({@code struct virtio_driver}): it serves one kind of device. {@code vdev} is the address
 * of a {@link VirtioDeviceLayout}.
 */
interface VirtioDriver {

    String name();

    /** The kind of device that the driver serves (chapter 5). */
    int id();

    /** The features of this kind of device that the driver can use: bits 0 to 23. */
    int features();

    /** Tells whether users may take a device from the driver: {@link #remove} and managed resources leave nothing. */
    default boolean isUnbindable() {
        return false;
    }

    /** Gives the driver its calls, and text addresses for its callbacks. */
    void link(KernelCalls kernel, VirtioBusDriver bus, TextTable.Module text);

    /**
     * Takes charge of a device after the negotiation of features. The driver finds its queues with {@link
     * VirtioBusDriver#virtioFindVqs}, calls {@link VirtioBusDriver#virtioDeviceReady}, and then lets programs and the
     * kernel use the device. Boot or task context; may sleep.
     *
     * @return 0 or a negative errno; resources of the {@code devm} calls are then released
     */
    int probe(long vdev);

    /**
     * Ends all use of a device, which still answers and interrupts. Its interrupt is disabled after this, and the
     * managed resources are released. Task context; may sleep.
     */
    default void remove(long vdev) { }

    /** Handles used chains of a queue. Interrupt context. */
    void done(long vdev, long vq);

    /** Handles a change of the configuration, or a device that needs a reset. Interrupt context. */
    default void configChanged(long vdev) { }
}
