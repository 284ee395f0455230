package ferrite.debugport.gdb;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.debug.DebugTarget;
import java.util.List;

/** The packets that LLDB adds to the protocol. */
final class LldbPackets implements PacketHandler {

    private final GdbSession session;
    private final DebugTarget target;
    private final GdbThreads threads;

    LldbPackets(GdbSession session, DebugTarget target, GdbThreads threads) {
        this.session = session;
        this.target = target;
        this.threads = threads;
    }

    @Override
    public String answer(String data) throws PacketException {
        switch (data) {
            case "QThreadSuffixSupported" -> {
                session.useLldb();
                return "OK";
            }
            case "QListThreadsInStopReply" -> {
                session.useLldb();
                session.stops().listThreads();
                return "OK";
            }
            case "qHostInfo" -> {
                return "triple:" + Packets.hexText("riscv32-unknown-unknown-elf") + ";ptrsize:4;endian:little;"
                        + "watchpoint_exceptions_received:before;";
            }
            case "qProcessInfo" -> {
                return "pid:1;ptrsize:4;endian:little;triple:" + Packets.hexText("riscv32-unknown-unknown-elf") + ";";
            }
            case "jThreadsInfo" -> {
                return threadsInfo();
            }
            default -> {
                return data.startsWith("qMemoryRegionInfo:")
                        ? region(Packets.address(data.substring("qMemoryRegionInfo:".length()))) : null;
            }
        }
    }

    private String threadsInfo() {
        StringBuilder json = new StringBuilder("[");
        int stopped = target.machine().control().lastHalt().hart();
        for (HartThread thread : threads.harts()) {
            json.append(json.length() == 1 ? "" : ",").append("{\"tid\":").append(thread.number())
                    .append(",\"name\":\"").append(thread.name()).append("\",\"reason\":\"")
                    .append(thread.hart().id() == stopped ? "trap" : "none").append("\",\"registers\":{\"")
                    .append(GdbRegisters.PC).append("\":\"").append(Packets.word(thread.pc())).append("\"}}");
        }
        return json.append("]").toString();
    }

    /** Describes the range of physical addresses around an address, or the gap there. */
    private String region(long address) {
        List<AddressRange> ranges = target.machine().bus().ranges();
        long start = 0;
        for (AddressRange range : ranges) {
            if (range.contains(address)) {
                return describe(range.base(), range.bytes()) + "permissions:rwx;name:" + Packets.hexText(range.name())
                        + ";";
            }
            if (range.base() > address) {
                return describe(start, range.base() - start);
            }
            start = range.end();
        }
        return describe(start, (1L << 32) - start);
    }

    private static String describe(long start, long bytes) {
        return "start:" + Long.toHexString(start) + ";size:" + Long.toHexString(bytes) + ";";
    }
}
