package ferrite.hardware.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An ELF file built by hand: a code segment and a data segment with different virtual and physical addresses, and a
 * symbol table. Tests damage it field by field.
 */
final class SmallElf {
    static final int SEGMENT_0 = 52;
    static final int SEGMENT_1 = SEGMENT_0 + 32;
    static final int CODE = SEGMENT_1 + 32;
    static final int DATA = CODE + 8;
    static final int SYMBOLS = DATA + 4;
    static final int SYMBOL_COUNT = 5;
    static final int NAMES = SYMBOLS + 16 * SYMBOL_COUNT;
    private static final byte[] NAME_BYTES = "\0_start\0tohost\0gone\0".getBytes(StandardCharsets.US_ASCII);
    static final int SECTIONS = NAMES + NAME_BYTES.length;
    static final int SYMTAB = SECTIONS + 40;
    static final int STRTAB = SYMTAB + 40;

    private final ByteBuffer file = ByteBuffer.allocate(STRTAB + 40).order(ByteOrder.LITTLE_ENDIAN);

    SmallElf() {
        header();
        programHeader(CODE, 0xc000_0000, 0x8000_0000, 8, 8, Segment.PF_R | Segment.PF_X);
        programHeader(DATA, 0xc010_0000, 0x8010_0000, 4, 0x3000_0000, Segment.PF_R | Segment.PF_W);
        file.putInt(0x10500073).putInt(0xffdff06f).putInt(0x12345678);
        symbol(0, 0, 0, 0, 0);
        symbol(8, 0x1111, 0, 0x00, 1);
        symbol(8, 0xc010_0000, 8, 0x11, 2);
        symbol(1, 0xc000_0000, 8, 0x12, 1);
        symbol(15, 0x2222, 0, 0x10, 0);
        file.put(NAME_BYTES);
        section(0, 0, 0, 0, 0);
        section(2, SYMBOLS, 16 * SYMBOL_COUNT, 2, 16);
        section(3, NAMES, NAME_BYTES.length, 0, 0);
    }

    private void header() {
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 1, 1, 1, 0}).putLong(0);
        file.putShort((short) 2).putShort((short) 243).putInt(1).putInt(0xc000_0004).putInt(SEGMENT_0)
                .putInt(SECTIONS).putInt(1);
        file.putShort((short) 52).putShort((short) 32).putShort((short) 2).putShort((short) 40).putShort((short) 3)
                .putShort((short) 2);
    }

    private void programHeader(int offset, int va, int pa, int fileSize, int memSize, int flags) {
        file.putInt(1).putInt(offset).putInt(va).putInt(pa).putInt(fileSize).putInt(memSize).putInt(flags).putInt(4);
    }

    private void symbol(int name, int value, int size, int info, int section) {
        file.putInt(name).putInt(value).putInt(size).put((byte) info).put((byte) 0).putShort((short) section);
    }

    private void section(int type, int offset, int size, int link, int entrySize) {
        file.putInt(0).putInt(type).putInt(0).putInt(0).putInt(offset).putInt(size).putInt(link).putInt(0).putInt(4)
                .putInt(entrySize);
    }

    SmallElf with8(int offset, int value) {
        file.put(offset, (byte) value);
        return this;
    }

    SmallElf with16(int offset, int value) {
        file.putShort(offset, (short) value);
        return this;
    }

    SmallElf with32(int offset, int value) {
        file.putInt(offset, value);
        return this;
    }

    byte[] bytes() {
        return file.array().clone();
    }
}
