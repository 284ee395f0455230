package ferrite.kernel.core;

/** Finds a device that boot needs in the device tree, and maps its registers. */
@FunctionalInterface
public interface DeviceMapper {

    /**
     * Maps the registers of the first compatible device. Boot.
     *
     * @param caller      the name of the mapping in {@code /proc/vmallocinfo}
     * @param compatibles values of {@code compatible}, the preferred one first
     * @return the virtual address of the first register
     * @throws ferrite.kernel.base.KernelPanic if the device tree has no such device, or there is no room to map it
     */
    long map(String caller, String... compatibles);
}
