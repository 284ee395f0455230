package ferrite.scenarios.hostile;

import ferrite.scenarios.qemu.Choice;
import java.io.IOException;

/** In what way a file is hostile. */
enum Kind {

    /** Bytes that mean nothing, or are instructions of which nobody knows where they lead. */
    FLAT(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return FlatImages.generate(choice);
        }
    },
    /** ELF files with fields that say something else than they should. */
    ELF(3) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException {
            return ElfMutations.generate(choice);
        }
    },
    /** ELF files whose segments overlap, wrap, or are larger than anything. */
    SEGMENTS(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return SegmentImages.generate(choice);
        }
    },
    /** Files and command lines for which RAM has no room, or just so. */
    LAYOUT(1) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return LayoutCases.generate(choice);
        }
    },
    /** Programs that write to devices, page tables and CSRs what no program should. */
    GUEST(14) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return GuestPrograms.generate(choice, devices);
        }
    },
    /** Programs in S-mode that do so to the firmware too. */
    PAYLOAD(5) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return GuestPrograms.payload(choice, devices);
        }
    },
    /** Images as Linux has them, whose headers say something else than they should. */
    LINUX(2) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return LinuxImages.generate(choice);
        }
    },
    /** Programs that talk nonsense to their host. */
    HTIF(1) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) {
            return HtifPrograms.generate(choice);
        }
    },
    /** Snapshots that say something else than they should, with a checksum that is right. */
    SNAPSHOT(6) {
        @Override
        HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException, InterruptedException {
            return SnapshotMutations.generate(choice, devices, run);
        }
    };

    private final int weight;

    Kind(int weight) {
        this.weight = weight;
    }

    /** @param run for those who need a machine that has run */
    abstract HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException, InterruptedException;

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
