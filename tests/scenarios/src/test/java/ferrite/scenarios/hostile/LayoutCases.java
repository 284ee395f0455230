package ferrite.scenarios.hostile;

import ferrite.board.image.GuestProgram;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.LittleEndian;
import java.util.Arrays;
import java.util.List;

/**
 * A program, an initial RAM disk and a command line that, together with the firmware, do not fit into RAM, or fit
 * exactly. Only the program's first word is not 0.
 */
final class LayoutCases {

    private static final int JUMP_TO_ITSELF = 0x0000_006f;

    private LayoutCases() { }

    static HostileCase<Part> generate(Choice choice) {
        Setup small = GuestPrograms.setup(choice);
        long ram = small.ramBytes();
        int image = (int) Math.max(4, size(choice, ram, 16 << 20));
        long initrd = initrd(choice, ram);
        int append = append(choice, ram);
        Setup setup = small.booting(firmware(choice), initrd, append, 200);
        return new HostileCase<>(Kind.LAYOUT, setup, List.of(), none -> {
            byte[] bytes = new byte[image];
            LittleEndian.put(bytes, 0, JUMP_TO_ITSELF);
            return bytes;
        });
    }

    static long initrd(Choice choice, long ram) {
        return choice.oneIn(8) ? choice.of(3, 100) * (1L << 30) : size(choice, ram, 16 << 20);
    }

    static int append(Choice choice, long ram) {
        return choice.oneIn(3) ? (int) size(choice, ram, 12 << 20) : choice.below(1000);
    }

    /** Chooses Ferrite's firmware, none, or the one that the image asks for. */
    static String firmware(Choice choice) {
        return choice.of(Arrays.asList(GuestProgram.FIRMWARE_OF_OURS, GuestProgram.NO_FIRMWARE, null));
    }

    private static long size(Choice choice, long ram, int most) {
        return switch (choice.below(6)) {
            case 0 -> 0;
            case 1 -> ram - choice.below(5) * 4096L + choice.below(3) - 1;
            case 2 -> ram / 2 - choice.below(5) * 4096L + choice.below(3) - 1;
            case 3 -> choice.below(most);
            default -> choice.below(10_000);
        };
    }
}
