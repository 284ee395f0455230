package ferrite.scenarios.qemu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian words in byte arrays. */
public final class LittleEndian {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() { }

    public static int get(byte[] bytes, int at) {
        return (int) WORDS.get(bytes, at);
    }

    public static int half(byte[] bytes, int at) {
        return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
    }

    public static void put(byte[] bytes, int at, int word) {
        WORDS.set(bytes, at, word);
    }
}
