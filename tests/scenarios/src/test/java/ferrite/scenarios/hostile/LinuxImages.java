package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import ferrite.scenarios.qemu.LittleEndian;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Flat images that begin as Linux's do (Documentation/riscv/boot-image-header.rst), with wrong fields, and files that
 * are too large.
 */
final class LinuxImages {

    private static final int HEADER_BYTES = 0x40;
    private static final int TEXT_OFFSET = 0x08;
    private static final int IMAGE_SIZE = 0x10;
    private static final int MAGIC = 0x38;
    private static final int RSC_5 = 0x0543_5352;
    /** Offsets and widths of a header's fields. */
    private static final List<int[]> FIELDS = List.of(new int[] {0, 4}, new int[] {4, 4}, new int[] {TEXT_OFFSET, 8},
            new int[] {TEXT_OFFSET, 8}, new int[] {IMAGE_SIZE, 8}, new int[] {IMAGE_SIZE, 8}, new int[] {0x18, 8},
            new int[] {0x20, 4}, new int[] {0x30, 8}, new int[] {MAGIC, 4});
    private static final int PAYLOAD = 4 << 20;

    private LinuxImages() { }

    static HostileCase<Patch> generate(Choice choice) {
        Setup small = GuestPrograms.setup(choice);
        long ram = small.ramBytes();
        int bytes = HEADER_BYTES + 4 + choice.of(0, choice.below(4096), choice.below(1 << 20));
        List<Patch> patches = new ArrayList<>();
        for (int count = choice.of(0, 1, 1, 2, 3); count > 0; count--) {
            int[] field = choice.of(FIELDS);
            patches.add(new Patch("Linux's header", field[0], field[1], value(choice, ram, bytes)));
        }
        boolean alone = choice.oneIn(2);
        Setup setup = small.booting(LayoutCases.firmware(choice), alone ? 0 : LayoutCases.initrd(choice, ram),
                alone ? 0 : LayoutCases.append(choice, ram), GuestPrograms.FIRMWARE_INSTRUCTIONS);
        int length = choice.oneIn(10) ? 1 + choice.below(bytes) : bytes;
        return new HostileCase<>(Kind.LINUX, setup, patches,
                kept -> Arrays.copyOf(Patch.apply(good(bytes), kept), length));
    }

    /** Makes an image for the payload's place; after its header it jumps to itself. */
    private static byte[] good(int bytes) {
        byte[] image = new byte[bytes];
        LittleEndian.put(image, 0, Instruction.JAL.match() | Code.offsetJ(HEADER_BYTES));
        LittleEndian.put(image, TEXT_OFFSET, PAYLOAD);
        LittleEndian.put(image, IMAGE_SIZE, bytes);
        LittleEndian.put(image, MAGIC, RSC_5);
        LittleEndian.put(image, HEADER_BYTES, Instruction.JAL.match());
        return image;
    }

    private static long value(Choice choice, long ram, int bytes) {
        long near = choice.below(3) * 4096L + choice.below(5) - 2;
        return switch (choice.below(7)) {
            case 0 -> PAYLOAD + near;
            case 1 -> ram - near;
            case 2 -> ram - PAYLOAD - near;
            case 3 -> bytes + near;
            case 4 -> 1L << choice.below(64);
            case 5 -> -1 - near;
            default -> choice.operand();
        };
    }
}
