package ferrite.scenarios.hostile;

import ferrite.board.layout.BoardKind;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.LittleEndian;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Programs of firmware-images with a few changed bytes, in header fields or anywhere. */
final class ElfMutations {

    private static final Path PROGRAMS = Path.of("../../firmware-images/programs/images");
    private static final List<String> NAMES = List.of("crash", "serial", "smp", "htif", "hosted",
            "privilege", "sv32", "reboot");
    private static final int SEGMENT_BYTES = 32;
    private static final int SECTION_BYTES = 40;
    private static final int IDENT_BYTES = 16;
    /** Offsets and widths of the fields after e_ident. */
    private static final int[][] HEADER = {{16, 2}, {18, 2}, {20, 4}, {24, 4}, {28, 4}, {32, 4}, {36, 4}, {40, 2},
            {42, 2}, {44, 2}, {46, 2}, {48, 2}, {50, 2}};

    private final Choice choice;
    private final Setup setup;
    private final byte[] good;

    private ElfMutations(Choice choice) throws IOException {
        this.choice = choice;
        this.setup = GuestPrograms.setup(choice);
        this.good = Files.readAllBytes(PROGRAMS.resolve(choice.of(NAMES) + "-" + setup.board().label() + ".elf"));
    }

    static HostileCase<?> generate(Choice choice) throws IOException {
        ElfMutations mutations = new ElfMutations(choice);
        List<Patch> patches = new ArrayList<>();
        for (int count = choice.of(1, 1, 1, 2, 3, 10); count > 0; count--) {
            patches.add(mutations.patch());
        }
        int length = choice.oneIn(12) ? choice.below(mutations.good.length) : mutations.good.length;
        return new HostileCase<>(Kind.ELF, mutations.setup, patches,
                kept -> Arrays.copyOf(Patch.apply(mutations.good, kept), length));
    }

    private Patch patch() {
        return switch (choice.below(6)) {
            case 0 -> new Patch("e_ident", choice.below(IDENT_BYTES), 1, choice.below(256));
            case 1 -> {
                int[] field = HEADER[choice.below(HEADER.length)];
                yield new Patch("ELF header", field[0], field[1], value());
            }
            case 2, 3 -> field("program header", 28, 44, SEGMENT_BYTES);
            case 4 -> field("section header", 32, 48, SECTION_BYTES);
            default -> new Patch("anything", choice.below(good.length), choice.of(1, 2, 4), value());
        };
    }

    private Patch field(String what, int tableAt, int countAt, int bytes) {
        int entry = choice.below(Math.max(1, LittleEndian.half(good, countAt)));
        return new Patch(what + " " + entry,
                LittleEndian.get(good, tableAt) + entry * bytes + 4 * choice.below(bytes / 4), 4, value());
    }

    private long value() {
        long ramEnd = setup.board().ramBase() + setup.ramBytes();
        return switch (choice.below(5)) {
            case 0 -> setup.board() == BoardKind.VIRT
                    ? setup.board().ramBase() + choice.below(64) - 32 : choice.below(64);
            case 1 -> ramEnd + choice.below(64) - 32;
            case 2 -> good.length + choice.below(64) - 32;
            default -> choice.operand();
        };
    }
}
