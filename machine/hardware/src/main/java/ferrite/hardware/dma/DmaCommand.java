package ferrite.hardware.dma;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;
import java.util.function.IntFunction;

/** The monitor's {@code dma} command, which shows the state of each channel. */
public final class DmaCommand implements MonitorCommand {

    private final DmaController controller;
    private final IntFunction<String> owners;

    /** Creates the command for a machine without a kernel that knows the owners of channels. */
    public DmaCommand(DmaController controller) {
        this(controller, channel -> null);
    }

    /** @param owners returns the name under which software took a channel, or null; it only looks */
    public DmaCommand(DmaController controller, IntFunction<String> owners) {
        this.controller = controller;
        this.owners = owners;
    }

    @Override
    public String name() {
        return "dma";
    }

    @Override
    public String usage() {
        return "dma";
    }

    @Override
    public String summary() {
        return "the channels of the DMA controller, and what each is doing";
    }

    @Override
    public Report run(String arguments) {
        Report report = Report.of(controller.name());
        for (DmaController.ChannelState channel : controller.look()) {
            String owner = owners.apply(channel.number());
            report.child(Report.of("channel " + channel.number())
                    .text("device", channel.device() == null ? "none" : channel.device())
                    .text("state", state(channel))
                    .text("mode", channel.mode())
                    .text("direction", channel.direction())
                    .address("address", channel.dma())
                    .number("page", channel.dma() >>> 16)
                    .text("mask", channel.masked() ? "set" : "clear")
                    .number("remaining", channel.remaining())
                    .text("owner", owner == null ? "none" : owner));
        }
        return report;
    }

    private static String state(DmaController.ChannelState channel) {
        StringBuilder state = new StringBuilder(channel.active() ? "moving bytes"
                : channel.masked() ? "masked" : "ready");
        state.append(channel.requested() ? ", requested" : "");
        state.append(channel.terminalCount() ? ", terminal count" : "");
        return state.append(channel.refused() ? ", refused: the address is out of reach" : "").toString();
    }
}
