package ferrite.board.layout;

import ferrite.hardware.clock.Clock;

/** The boards, as {@code --board} names them. */
public enum BoardKind {

    /** RAM at 0, and an ISA bus with the DMA controller that reaches 16 MiB. The mini-kernel runs on it. */
    FERRITE("ferrite", FerriteLayout.RAM, FerriteLayout.MAX_RAM_BYTES, FerriteLayout.BOOT_ROM,
            new Plugs(FerriteLayout.MAX_RAM_BYTES, 1L << 32, FerriteLayout.PLUGS, FerriteLayout.PLIC)),
    /** The memory map of QEMU's {@code virt} machine. */
    VIRT("virt", VirtLayout.RAM, VirtLayout.MAX_RAM_BYTES, VirtLayout.BOOT_ROM,
            new Plugs(VirtLayout.BOOT_ROM, VirtLayout.RAM, VirtLayout.PLUGS, VirtLayout.PLUGS_END));

    /**
     * The addresses of devices that users plug in.
     *
     * @param first       the lowest address where a device may be, below or above all RAM
     * @param end         the end of these addresses
     * @param chosen      the lowest address that the board chooses
     * @param endOfChosen the end of the addresses that the board chooses
     */
    public record Plugs(long first, long end, long chosen, long endOfChosen) { }

    private final String label;
    private final long ramBase;
    private final long maxRamBytes;
    private final long bootRom;
    private final Plugs plugs;

    BoardKind(String label, long ramBase, long maxRamBytes, long bootRom, Plugs plugs) {
        this.label = label;
        this.ramBase = ramBase;
        this.maxRamBytes = maxRamBytes;
        this.bootRom = bootRom;
        this.plugs = plugs;
    }

    /** Returns the name on the command line. */
    public String label() {
        return label;
    }

    /** Returns the frequency of the real-time counter, if no other is wanted; on virt it is QEMU's. */
    public int timebase() {
        return this == VIRT ? Clock.TICKS_PER_SECOND / 10 : Clock.TICKS_PER_SECOND;
    }

    public long ramBase() {
        return ramBase;
    }

    /** Returns the largest amount of RAM that fits. */
    public long maxRamBytes() {
        return maxRamBytes;
    }

    /** Returns the addresses of devices that users plug in. */
    public Plugs plugs() {
        return plugs;
    }

    /** Returns the address of the boot ROM, where harts begin. */
    public long bootRom() {
        return bootRom;
    }
}
