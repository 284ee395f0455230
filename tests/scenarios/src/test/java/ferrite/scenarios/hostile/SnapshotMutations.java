package ferrite.scenarios.hostile;

import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Snapshots of hostile programs with a few wrong numbers. The checksum at the end is computed anew, so that the reader
 * gets past it.
 */
final class SnapshotMutations {

    private static final int LENGTH_AT = 12;
    private static final int HEADER_BYTES = 20;
    private static final int SECTION_HEADER_BYTES = 12;
    private static final int CHECKSUM_BYTES = 4;
    /**
     * The beginning and the end of a part are changed more often than its middle: a hart's middle holds its
     * translations.
     */
    private static final int BORDER = 400;

    private record Place(String name, int at, int bytes) { }

    private final Choice choice;
    private final byte[] good;
    private final List<Place> places = new ArrayList<>();

    private SnapshotMutations(Choice choice, byte[] good) {
        this.choice = choice;
        this.good = good;
        findPlaces();
    }

    /**
     * Saves a program on its way. If that run already shows a mistake, returns the program itself. The file does not
     * hold the disks.
     */
    static HostileCase<?> generate(Choice choice, Devices devices, HostileRun run) throws IOException,
            InterruptedException {
        boolean payload = choice.oneIn(4);
        HostileCase<GuestStep> program = payload ? GuestPrograms.payload(choice, devices)
                : GuestPrograms.forDevices(choice, devices);
        for (int moment = payload ? GuestPrograms.momentOfPayload(choice) : choice.below(6000); ; moment /= 2) {
            HostileCase<GuestStep> guest = program.with(program.setup().savedAt(moment));
            if (run.problemWith(guest.setup(), guest.file()) != null) {
                return guest;
            }
            if (run.hasSaved()) {
                return mutate(choice, guest.setup(), run.saved());
            }
        }
    }

    private static HostileCase<Patch> mutate(Choice choice, Setup before, byte[] good) {
        SnapshotMutations mutations = new SnapshotMutations(choice, good);
        List<Patch> patches = new ArrayList<>();
        for (int count = choice.of(1, 1, 2, 3); count > 0; count--) {
            patches.add(mutations.patch());
        }
        return new HostileCase<>(Kind.SNAPSHOT, before.restored(6000), patches, kept -> seal(Patch.apply(good, kept)));
    }

    /** Finds the sections, and the parts in the section of parts. */
    private void findPlaces() {
        for (int at = HEADER_BYTES; at < good.length - CHECKSUM_BYTES; ) {
            String name = new String(good, at, 4, StandardCharsets.US_ASCII);
            int bytes = LittleEndian.get(good, at + 4);
            places.add(new Place("section " + name, at, Math.min(bytes + SECTION_HEADER_BYTES, 200)));
            if (name.equals("PART")) {
                findParts(at + SECTION_HEADER_BYTES);
            }
            at += SECTION_HEADER_BYTES + bytes;
        }
    }

    private void findParts(int section) {
        int at = section + 4;
        for (int part = LittleEndian.get(good, section); part > 0; part--) {
            int nameBytes = LittleEndian.get(good, at);
            String name = new String(good, at + 4, nameBytes, StandardCharsets.US_ASCII);
            at += 4 + nameBytes;
            int bytes = LittleEndian.get(good, at);
            at += 4;
            if (bytes > 0) {
                places.add(new Place(name, at, Math.min(bytes, BORDER)));
                places.add(new Place(name, at + Math.max(0, bytes - BORDER), Math.min(bytes, BORDER)));
                places.add(new Place(name, at, bytes));
            }
            at += bytes;
        }
    }

    private Patch patch() {
        Place place = choice.of(places);
        int width = choice.of(1, 4, 4, 4, 8);
        int at = place.at + choice.below(Math.max(1, place.bytes));
        long value = switch (choice.below(5)) {
            case 0, 1 -> choice.below(20) - 3;
            case 2 -> (long) choice.operand() << choice.of(0, 31);
            default -> choice.operand();
        };
        return new Patch(place.name, choice.oneIn(3) ? at : place.at + (at - place.at & ~3), width, value);
    }

    private static byte[] seal(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(LENGTH_AT, bytes.length);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - CHECKSUM_BYTES);
        buffer.putInt(bytes.length - CHECKSUM_BYTES, (int) crc.getValue());
        return bytes;
    }
}
