package ferrite.scenarios.hostile;

import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.LittleEndian;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** ELF files with wrong program headers. */
final class SegmentImages {

    private static final int HEADER_BYTES = 52;
    private static final int SEGMENT_BYTES = 32;
    private static final int CODE_BYTES = 64;

    /** The words of a program header, p_type first. */
    private record Header(int[] words) implements Part {

        @Override
        public String describe() {
            return String.format(Locale.ROOT,
                    "type %x offset %x vaddr %x paddr %x filesz %x memsz %x flags %x align %x",
                    words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7]);
        }
    }

    private SegmentImages() { }

    static HostileCase<?> generate(Choice choice) {
        Setup setup = GuestPrograms.setup(choice);
        int ram = (int) setup.board().ramBase();
        List<Header> headers = new ArrayList<>();
        headers.add(new Header(new int[] {1, HEADER_BYTES, ram, ram, CODE_BYTES, CODE_BYTES, 7, 4}));
        for (int count = choice.oneIn(4) ? 0 : choice.below(choice.oneIn(10) ? 2000 : 6); count > 0; count--) {
            headers.add(header(choice, ram, (int) setup.ramBytes()));
        }
        int entry = choice.oneIn(8) ? choice.operand() : ram;
        return new HostileCase<>(Kind.SEGMENTS, setup, headers, kept -> elf(kept, entry));
    }

    private static Header header(Choice choice, int ram, int ramBytes) {
        int address = switch (choice.below(4)) {
            case 0 -> choice.operand();
            case 1 -> ram + ramBytes - choice.of(0, 4, 64, 4096);
            default -> ram + 16 * choice.below(1 << 19);
        };
        int odd = choice.below(12);                    // mostly one field is wrong
        int fileSize = odd == 0 ? choice.operand() : choice.of(0, 0, 4);
        int memSize = odd == 1 ? choice.operand() : odd == 2 ? -address
                : choice.of(fileSize, fileSize + 64, ramBytes / 4);
        return new Header(new int[] {odd == 3 ? choice.below(8) : 1, odd == 4 ? choice.operand() : HEADER_BYTES,
                odd == 5 ? choice.operand() : address, odd == 6 ? choice.operand() : address, fileSize, memSize,
                odd == 7 ? choice.operand() : 7, odd == 8 ? choice.operand() : choice.of(0, 1, 4)});
    }

    /** Builds the file. The code comes after the program headers, and jumps to itself. */
    private static byte[] elf(List<Header> headers, int entry) {
        byte[] file = new byte[HEADER_BYTES + CODE_BYTES + headers.size() * SEGMENT_BYTES];
        LittleEndian.put(file, 0, 0x464c_457f);
        LittleEndian.put(file, 4, 0x0001_0101);
        LittleEndian.put(file, 16, 2 | 0xf3 << 16);
        LittleEndian.put(file, 20, 1);
        LittleEndian.put(file, 24, entry);
        LittleEndian.put(file, 28, HEADER_BYTES + CODE_BYTES);
        LittleEndian.put(file, 40, HEADER_BYTES | SEGMENT_BYTES << 16);
        LittleEndian.put(file, 44, headers.size());
        for (int at = HEADER_BYTES; at < HEADER_BYTES + CODE_BYTES; at += 4) {
            LittleEndian.put(file, at, 0x0000_006f);
        }
        for (int n = 0; n < headers.size(); n++) {
            for (int word = 0; word < SEGMENT_BYTES / 4; word++) {
                LittleEndian.put(file, HEADER_BYTES + CODE_BYTES + n * SEGMENT_BYTES + 4 * word,
                        headers.get(n).words[word]);
            }
        }
        return file;
    }
}
