package ferrite.scenarios.hostile;

import ferrite.scenarios.qemu.Choice;
import java.io.IOException;

/** The kinds of hostile files. */
enum Kind {

    /** Random bytes, and random instructions. */
    FLAT(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return FlatImages.generate(choice);
        }
    },
    /** ELF files with wrong fields. */
    ELF(3) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException {
            return ElfMutations.generate(choice);
        }
    },
    /** ELF files with segments that overlap, wrap, or are far too large. */
    SEGMENTS(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return SegmentImages.generate(choice);
        }
    },
    /** Files and command lines that do not fit into RAM, or fit exactly. */
    LAYOUT(1) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return LayoutCases.generate(choice);
        }
    },
    /** Programs that write wrong values to devices, page tables and CSRs. */
    GUEST(14) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return GuestPrograms.generate(choice, devices);
        }
    },
    /** Programs in S-mode that also attack the firmware. */
    PAYLOAD(5) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return GuestPrograms.payload(choice, devices);
        }
    },
    /** Linux images with wrong headers. */
    LINUX(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return LinuxImages.generate(choice);
        }
    },
    /** Programs that send nonsense to their host. */
    HTIF(1) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return HtifPrograms.generate(choice);
        }
    },
    /** Snapshots with wrong numbers and a right checksum. */
    SNAPSHOT(6) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException,
                InterruptedException {
            return SnapshotMutations.generate(choice, devices, run);
        }
    };

    private final int weight;

    Kind(int weight) {
        this.weight = weight;
    }

    /** @param run runs a program, for the kinds that need its saved machine */
    abstract HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException,
            InterruptedException;

    static Kind random(Choice choice) {
        int all = 0;
        for (Kind kind : values()) {
            all += kind.weight;
        }
        int left = choice.below(all);
        for (Kind kind : values()) {
            left -= kind.weight;
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("weights add up");
    }
}
