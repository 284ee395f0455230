package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.Effect;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Questions about the machine and its threads, the monitor's commands, and the start and end of a session. */
final class QueryPackets implements PacketHandler {

    /** Bytes of text in one packet for the console. */
    private static final int CONSOLE_BYTES = 0x8000;
    /** The monitor's commands that would let the machine run without the client's knowledge. */
    private static final Set<String> RUNNING_COMMANDS = Set.of("continue", "c", "step", "s");

    private final GdbSession session;
    private final DebugTarget target;
    private final GdbThreads threads;

    QueryPackets(GdbSession session, DebugTarget target, GdbThreads threads) {
        this.session = session;
        this.target = target;
        this.threads = threads;
    }

    @Override
    public String answer(String data) throws PacketException {
        switch (data.charAt(0)) {
            case '?' -> {
                return session.lastStop();
            }
            case '!' -> {
                return "OK";
            }
            case 'H' -> {
                return select(data);
            }
            case 'T' -> {
                threads.find(data.substring(1), session.selected());
                return "OK";
            }
            case 'D' -> {
                if (data.equals("D;" + GdbThreads.TASKS)) {
                    threads.listTasks(false);
                } else {
                    session.detach();
                }
                return "OK";
            }
            case 'k' -> {
                session.kill(false);
                return NO_REPLY;
            }
            case 'R' -> {
                session.restart();
                return NO_REPLY;
            }
            case 'v' -> {
                return process(data);
            }
            case 'q' -> {
                return query(data);
            }
            case 'Q' -> {
                return setting(data);
            }
            default -> {
                return null;
            }
        }
    }

    private String process(String data) throws PacketException {
        if (data.startsWith("vKill")) {
            session.kill(true);
            return "OK";
        }
        if (data.startsWith("vRun")) {
            return session.restart();
        }
        if (data.startsWith("vAttach;")) {
            return data.equals("vAttach;" + GdbThreads.TASKS) ? attachToTasks() : session.attachAgain();
        }
        return data.equals("vCtrlC") ? "OK" : null;
    }

    /** Attaches to the process of the kernel's tasks, as QEMU's clients attach to a second cluster. */
    private String attachToTasks() throws PacketException {
        GdbThread first = threads.firstTask();
        threads.listTasks(true);
        session.select(first);
        return "T00thread:" + threads.name(first) + ";";
    }

    private String select(String data) throws PacketException {
        if (data.length() < 3) {
            throw new PacketException("'H' needs an operation and a thread");
        }
        GdbThread thread = threads.find(data.substring(2), session.selected());
        if (data.charAt(1) == 'g') {
            session.select(thread);
        } else {
            session.selectForControl(thread);
        }
        return "OK";
    }

    private String query(String data) throws PacketException {
        int end = 0;
        while (end < data.length() && ":,;".indexOf(data.charAt(end)) < 0) {
            end++;
        }
        String name = data.substring(0, end);
        String rest = end < data.length() ? data.substring(end + 1) : "";
        return switch (name) {
            case "qSupported" -> supported(rest);
            case "qC" -> "QC" + threads.name(session.selected());
            case "qAttached" -> "1";
            case "qSymbol" -> "OK";
            case "qfThreadInfo" -> "m" + String.join(",", threads.all().stream().map(threads::name).toList());
            case "qsThreadInfo" -> "l";
            case "qThreadExtraInfo" -> Packets.hexText(describe(rest));
            case "qRcmd" -> monitor(new String(Packets.bytes(rest), StandardCharsets.UTF_8));
            case "qqemu.sstepbits" -> "ENABLE=1,NOIRQ=2,NOTIMER=4";
            case "qqemu.sstep" -> target.machine().control().holdsInterruptsInSteps() ? "0x3" : "0x1";
            default -> null;
        };
    }

    private String setting(String data) throws PacketException {
        if (data.equals("QStartNoAckMode")) {
            return "OK";                               // the port's thread has seen it too
        }
        if (data.startsWith("Qqemu.sstep:") || data.startsWith("Qqemu.sstep=")) {
            session.requireControl();
            target.machine().control().holdInterruptsInSteps(
                    (Packets.number(data.substring("Qqemu.sstep:".length()).replace("0x", "")) & 6) != 0);
            return "OK";
        }
        return null;
    }

    /** Tells what can be asked for. LLDB too claims to know processes, but shows one only; GDB also knows swbreak. */
    private String supported(String offered) {
        List<String> client = List.of(offered.split(";"));
        threads.nameProcesses(client.contains("multiprocess+") && client.contains("swbreak+"));
        return (threads.namesProcesses() ? "multiprocess+;" : "")
                + "PacketSize=" + Integer.toHexString(PacketReader.MAX_DATA_BYTES)
                + ";QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:memory-map:read+;"
                + "qXfer:exec-file:read+;vContSupported+;swbreak+;hwbreak+;ConditionalBreakpoints+;binary-upload+";
    }

    private String describe(String name) throws PacketException {
        GdbThread thread = threads.find(name, null);
        if (thread == null) {
            throw new PacketException("a thread is needed");
        }
        return thread.description();
    }

    // ---- the monitor ----

    private String monitor(String line) {
        try {
            if (RUNNING_COMMANDS.contains(line.strip().split("\\s+", 2)[0])) {
                throw new MonitorException("GDB would not know that the machine runs: use GDB's command of this name, "
                        + "without 'monitor'");
            }
            Effect most = session.mayCommand() ? Effect.USES_FILES : Effect.LOOKS;
            show(ReportText.of(target.monitor().execute(line, most)));
        } catch (MonitorException mistake) {
            show("error: " + mistake.getMessage() + "\n");
        }
        return "OK";
    }

    private void show(String text) {
        for (int at = 0; at < text.length(); at += CONSOLE_BYTES) {
            session.console(text.substring(at, Math.min(text.length(), at + CONSOLE_BYTES)));
        }
    }
}
