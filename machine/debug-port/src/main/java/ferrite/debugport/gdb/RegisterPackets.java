package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;

/** The packets g, G, p and P. */
final class RegisterPackets implements PacketHandler {

    private static final String THREAD_SUFFIX = ";thread:";

    private final GdbThreads threads;
    private final GdbSession session;

    RegisterPackets(GdbThreads threads, GdbSession session) {
        this.threads = threads;
        this.session = session;
    }

    @Override
    public String answer(String data) throws PacketException {
        String packet = withoutSuffix(data);
        if (packet.isEmpty()) {
            return null;
        }
        Hart hart = hart(data);
        switch (packet.charAt(0)) {
            case 'g' -> {
                return GdbRegisters.all(threads, hart);
            }
            case 'G' -> {
                writeAll(hart, packet.substring(1));
                return "OK";
            }
            case 'p' -> {
                return Packets.word(read(hart, Packets.length(packet.substring(1))));
            }
            case 'P' -> {
                int equals = packet.indexOf('=');
                if (equals < 0) {
                    throw new PacketException("'P' needs a register, '=' and a value");
                }
                session.requireControl();
                session.changesRegisters();
                write(hart, Packets.length(packet.substring(1, equals)),
                        Packets.word(packet.substring(equals + 1)));
                return "OK";
            }
            default -> {
                return null;
            }
        }
    }

    private void writeAll(Hart hart, String hex) throws PacketException {
        if (hex.length() < 8 * GdbRegisters.GENERAL) {
            throw new PacketException("'G' needs " + GdbRegisters.GENERAL + " registers");
        }
        session.requireControl();
        session.changesRegisters();
        for (int number = 0; number < GdbRegisters.GENERAL; number++) {
            write(hart, number, Packets.word(hex.substring(8 * number, 8 * number + 8)));
        }
    }

    private int read(Hart hart, int number) throws PacketException {
        return number >= 0 && number < GdbRegisters.PC ? threads.register(hart, number)
                : number == GdbRegisters.PC ? threads.pc(hart) : GdbRegisters.read(hart, number);
    }

    /** Sets a register. A register of a hart in Java code that is shown with another value can only be left alone. */
    private void write(Hart hart, int number, int value) throws PacketException {
        boolean isShown = (number == GdbRegisters.PC || number == GdbRegisters.RA)
                && read(hart, number) != GdbRegisters.read(hart, number);
        if (!isShown) {
            GdbRegisters.write(hart, number, value);
        } else if (value != read(hart, number)) {
            throw new PacketException("hart " + hart.id() + " runs Java code; its pc and ra cannot be set");
        }
    }

    /** Returns the hart of LLDB's thread suffix, or the selected one. */
    private Hart hart(String data) throws PacketException {
        int suffix = data.indexOf(THREAD_SUFFIX);
        if (suffix < 0) {
            return session.selected();
        }
        String name = data.substring(suffix + THREAD_SUFFIX.length()).replace(";", "");
        int thread = threads.parse(name);
        return thread <= 0 ? session.selected() : threads.hart(thread);
    }

    private static String withoutSuffix(String data) {
        int suffix = data.indexOf(THREAD_SUFFIX);
        return suffix < 0 ? data : data.substring(0, suffix);
    }
}
