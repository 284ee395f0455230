package ferrite.testkit;

import ferrite.kernel.mm.Zones;

/** The zones of physical memory, from the lowest addresses to the highest. */
public enum Zone {

    /** Below 16 MiB, unless the machine is described otherwise: the reach of the ISA DMA controller. */
    DMA(Zones.DMA),
    /** Above DMA, and in the kernel's linear map. */
    NORMAL(Zones.NORMAL),
    /** Memory without a permanent kernel address. */
    HIGHMEM(Zones.HIGHMEM);

    private final int number;

    Zone(int number) {
        this.number = number;
    }

    /** Returns the zone with the kernel's number. */
    static Zone of(int number) {
        for (Zone zone : values()) {
            if (zone.number == number) {
                return zone;
            }
        }
        throw new IllegalArgumentException("there is no zone " + number);
    }
}
