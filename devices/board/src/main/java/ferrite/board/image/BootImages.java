package ferrite.board.image;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.report.Hex;
import ferrite.peripherals.semihosting.Semihosting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The images of a bare board: the program alone, in M-mode on every hart; or a firmware at the start of RAM, with the
 * program as its payload in S-mode.
 *
 * @param program  the image that the user named
 * @param firmware the firmware that runs before it, or null
 */
public record BootImages(GuestImage program, GuestImage firmware) {

    /**
     * Lowest address of a payload, counted from the start of RAM. Linux for RV32 maps itself with pages of this size.
     */
    static final long PAYLOAD = 4L << 20;
    /**
     * QEMU's loader places the initial RAM disk from here on, counted from the start of RAM (hw/riscv/boot.c,
     * riscv_load_initrd).
     */
    public static final long INITRD_FROM = 128L << 20;
    /** Room after the device tree, to which a firmware adds a node in place. */
    private static final long TREE_GROWTH = 1024;

    /**
     * Reads the images that {@code --bios} asks for. Without it, a program is a payload if it leaves the lowest 4 MiB
     * of RAM alone.
     */
    public static BootImages read(GuestProgram program, BoardOptions options) throws IOException {
        String bios = program.bios();
        if (bios == null || bios.equals(GuestProgram.NO_FIRMWARE)) {
            GuestImage image = GuestImage.read(program.image(), options, 0);
            boolean alone = bios != null || image.lowest() < options.kind().ramBase() + PAYLOAD;
            return alone ? new BootImages(image, null) : withFirmware(program, image, GuestImage.firmware(options));
        }
        GuestImage firmware = bios.equals(GuestProgram.FIRMWARE_OF_OURS) ? GuestImage.firmware(options)
                : GuestImage.read(Path.of(bios), options, 0);
        return withFirmware(program, GuestImage.read(program.image(), options, PAYLOAD), firmware);
    }

    private static BootImages withFirmware(GuestProgram program, GuestImage image, GuestImage firmware)
            throws IOException {
        if (image.lowest() < firmware.end() && firmware.lowest() < image.end()) {
            throw new IOException(program.image() + " takes " + range(image)
                    + " of RAM, and the firmware " + range(firmware) + "; a payload begins 4 MiB above the start of "
                    + "RAM, and --bios none starts a program without firmware, in M-mode");
        }
        return new BootImages(image, firmware);
    }

    private static String range(GuestImage image) {
        return Hex.address(image.lowest()) + ".." + Hex.address(image.end() - 1);
    }

    /**
     * Returns the facts about the program that are not in RAM. The RAM from the images to the place where an initial
     * RAM disk may begin is free, because the device tree is above.
     */
    public ProgramFacts facts(GuestProgram described, BoardOptions options) throws IOException {
        long end = Math.max(program.end(), firmware == null ? 0 : firmware.end());
        long freeFrom = end + 15 & -16;
        long freeTo = options.kind().ramBase() + Math.min(options.ramBytes() / 2, INITRD_FROM);
        boolean hasRoom = freeFrom < freeTo;
        String name = described.image().getFileName().toString();
        return program.facts(new Semihosting.Program(
                described.arguments().isEmpty() ? name : name + " " + described.arguments(),
                hasRoom ? freeFrom : 0, hasRoom ? freeTo : 0));
    }

    /** Tells what of the images was not loaded. */
    public List<String> leftOut() {
        return Stream.of(program, firmware).filter(Objects::nonNull).map(GuestImage::leftOut).filter(Objects::nonNull)
                .toList();
    }

    /** Returns the address to which every hart jumps from the boot ROM. */
    public long entry() {
        return (firmware == null ? program : firmware).entry();
    }

    /** Returns the address to which the firmware jumps; 0 without a firmware. */
    public long payload() {
        return firmware == null ? 0 : program.entry();
    }

    /** Returns the room that the firmware needs after the device tree, in bytes. */
    public long treeGrowth() {
        return firmware == null ? 0 : TREE_GROWTH;
    }

    public void claim(RamPlan plan) {
        program.claim(plan);
        if (firmware != null) {
            firmware.claim(plan);
        }
    }

    public void load(PhysicalBus bus, BusMaster loader) throws IOException {
        program.load(bus, loader);
        if (firmware != null) {
            firmware.load(bus, loader);
        }
    }
}
