package ferrite.board.wiring;

import ferrite.board.devicetree.BoardTree;
import ferrite.board.devicetree.Chosen;
import ferrite.board.image.BootImages;
import ferrite.board.image.BootRom;
import ferrite.board.image.GuestImage;
import ferrite.board.image.GuestProgram;
import ferrite.board.image.RamPlan;
import ferrite.board.options.BoardOptions;
import ferrite.firmware.FirmwareImages;
import java.io.IOException;

/**
 * Places a bare program in RAM before power-on, with its initial RAM disk, its device tree and the boot ROM that starts
 * it.
 */
final class ProgramLoader {

    private static final long PAGE = 4096;
    /**
     * A program that maps little of RAM at first, as Linux does, finds its device tree below this address
     * (riscv_compute_fdt_addr).
     */
    private static final long DEVICE_TREE_BELOW = 3L << 30;
    private static final long DEVICE_TREE_ALIGNMENT = 64 << 10;

    private final Chassis chassis;
    private final BoardOptions options;
    private final GuestProgram program;
    private final RamPlan plan;

    private ProgramLoader(Chassis chassis, BoardOptions options, GuestProgram program) {
        this.chassis = chassis;
        this.options = options;
        this.program = program;
        this.plan = new RamPlan(options.kind().ramBase(), options.ramBytes());
    }

    /** @throws IOException with a sentence, when a file cannot be read, or RAM has no room for it */
    static void load(Chassis chassis, BoardOptions options, GuestProgram program, BootImages images)
            throws IOException {
        new ProgramLoader(chassis, options, program).load(images);
    }

    private void load(BootImages images) throws IOException {
        images.claim(plan);
        images.load(chassis.machine().bus(), chassis.loader());
        Chosen chosen = program.initrd() == null ? Chosen.arguments(program.arguments()) : loadInitrd();
        byte[] tree = BoardTree.flatten(options, chosen, chassis.plugged().all());
        long at = plan.claimBelow(DEVICE_TREE_BELOW, tree.length + images.treeGrowth(), DEVICE_TREE_ALIGNMENT)
                .orElseThrow(() -> new IOException(program.image()
                        + " leaves no room in RAM for the device tree, which has " + tree.length + " bytes"));
        chassis.put(at, tree);
        chassis.attachBootRom(new BootRom(FirmwareImages.reset(), options.kind().bootRom(), images.entry(),
                at, images.payload()));
    }

    private Chosen loadInitrd() throws IOException {
        long bytes = GuestImage.sizeOf(program.initrd());
        long from = options.kind().ramBase() + Math.min(options.ramBytes() / 2, BootImages.INITRD_FROM);
        long at = plan.claimFrom(from, bytes, PAGE).orElseThrow(() ->
                new IOException("--initrd " + program.initrd() + " has " + bytes
                        + " bytes, for which RAM has no room beside " + program.image()));
        GuestImage.copy(program.initrd(), bytes, chassis.machine().bus(), chassis.loader(), at);
        return new Chosen(program.arguments(), at, at + bytes);
    }
}
