package ferrite.board.layout;

/** The boards that there are; {@code --board} names them. */
public enum BoardKind {

    /** RAM at 0, an ISA bus with the DMA controller that reaches 16 MiB; what the mini-kernel runs on. */
    FERRITE("ferrite", FerriteLayout.RAM, FerriteLayout.MAX_RAM_BYTES, FerriteLayout.BOOT_ROM),
    /** Where QEMU's {@code virt} machine has things. */
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

    /** What the command line calls it. */
    public String label() {
        return label;
    }

    public long ramBase() {
        return ramBase;
    }

    /** The most RAM it holds, in bytes. */
    public long maxRamBytes() {
        return maxRamBytes;
    }

    /** The boot ROM's address, where harts begin. */
    public long bootRom() {
        return bootRom;
    }
}
