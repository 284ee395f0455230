package ferrite.board.layout;

/** The boards, as {@code --board} names them. */
public enum BoardKind {

    /** RAM at 0, and an ISA bus with the DMA controller that reaches 16 MiB. The mini-kernel runs on it. */
    FERRITE("ferrite", FerriteLayout.RAM, FerriteLayout.MAX_RAM_BYTES, FerriteLayout.BOOT_ROM),
    /** The memory map of QEMU's {@code virt} machine. */
    VIRT("virt", VirtLayout.RAM, VirtLayout.MAX_RAM_BYTES, VirtLayout.BOOT_ROM);

    private final String label;
    private final long ramBase;
    private final long maxRamBytes;
    private final long bootRom;

    BoardKind(String label, long ramBase, long maxRamBytes, long bootRom) {
        this.label = label;
        this.ramBase = ramBase;
        this.maxRamBytes = maxRamBytes;
        this.bootRom = bootRom;
    }

    /** Returns the name on the command line. */
    public String label() {
        return label;
    }

    public long ramBase() {
        return ramBase;
    }

    /** Returns the largest amount of RAM that fits. */
    public long maxRamBytes() {
        return maxRamBytes;
    }

    /** Returns the address of the boot ROM, where harts begin. */
    public long bootRom() {
        return bootRom;
    }
}
